import { describe, expect, it } from 'vitest';
import { until } from '../support/e2e-until.ts';
import { useMailServer } from '../support/system-mail-server.ts';

/** So many hits lead to no ban: one client is enough for all of them. */
const PATIENT = 'defaults: { maxretry: 10000 }\n';

describe('the log file of rsyslog', () => {
  const server = useMailServer(PATIENT);
  let sent = 0;

  const hits = async (count: number): Promise<void> => {
    for (let each = 0; each < count; each += 1) await server.hit('spammer4');
    sent += count;
  };

  const rotate = (): Promise<string> => server.must('logrotate', '--force', '/etc/logrotate.d/rsyslog');

  it('is what is followed once it is there', async () => {
    await server.must('systemctl', 'stop', 'trapline');
    await server.must('systemctl', 'enable', '--now', 'rsyslog');
    await server.must('systemctl', 'restart', 'postfix');
    await until('the log is there', async () => (await server.machine.run('test', '-s', '/var/log/mail.log')).code === 0);
    await server.must('systemctl', 'start', 'trapline');
    expect(await server.must('trapline', 'status')).toContain('file:/var/log/mail.log');
    await hits(2);
    expect(await server.recorded(sent)).toBe(sent);
  });

  it('is followed through rotations by the real logrotate, with mails before, between and after', async () => {
    for (let round = 0; round < 4; round += 1) {
      await hits(1);
      await rotate();
      await hits(1);
    }
    expect(await server.recorded(sent)).toBe(sent);
    expect(await server.must('ls', '/var/log')).toMatch(/mail\.log\.2\.gz/);
  });

  it('is followed through rotations with the daemon down', async () => {
    await server.must('systemctl', 'stop', 'trapline');
    for (let round = 0; round < 3; round += 1) {
      await hits(1);
      await rotate();
    }
    await hits(1);
    await server.must('systemctl', 'start', 'trapline');
    expect(await server.recorded(sent)).toBe(sent);
  });

  it('is followed through copytruncate', async () => {
    const rules = '/var/log/mail.log { copytruncate\n rotate 5\n }\n';
    server.write('/etc/logrotate.d/copy', rules);
    for (let round = 0; round < 3; round += 1) {
      await hits(2);
      expect(await server.recorded(sent)).toBe(sent);
      await server.must('logrotate', '--force', '/etc/logrotate.d/copy');
    }
    await hits(1);
    expect(await server.recorded(sent)).toBe(sent);
  });

  it('is followed through a reboot and a power cut', async () => {
    await hits(1);
    await server.machine.reboot();
    await hits(1);
    expect(await server.recorded(sent)).toBe(sent);
    await server.machine.cutPower();
    await server.machine.start();
    await hits(1);
    expect(await server.recorded(sent)).toBe(sent);
  });
});
