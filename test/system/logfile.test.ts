import { describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { useMailServer } from '../support/system/mail-server.ts';

/** With this high maxretry no hit leads to a ban, so that one client can send all mails. */
const PATIENT = 'defaults: { maxretry: 10000 }\n';

describe('the log file of rsyslog', () => {
  const server = useMailServer(PATIENT);
  let sent = 0;

  const hits = async (count: number): Promise<void> => {
    for (let each = 0; each < count; each += 1) await server.hit('spammer4');
    sent += count;
  };

  const rotate = (): Promise<string> => server.must('logrotate', '--force', '/etc/logrotate.d/rsyslog');

  it('is followed when the daemon starts with an existing log file', async () => {
    await server.must('systemctl', 'stop', 'trapline');
    await server.must('systemctl', 'enable', '--now', 'rsyslog');
    await server.must('systemctl', 'restart', 'postfix');
    await until('the log exists', async () => (await server.machine.run('test', '-s', '/var/log/mail.log')).code === 0);
    await server.must('systemctl', 'start', 'trapline');
    expect(await server.must('trapline', 'status')).toContain('file:/var/log/mail.log');
    await hits(2);
    expect(await server.recorded(sent)).toBe(sent);
  });

  it('is followed through rotations by the real logrotate, with mails before and after each rotation', async () => {
    for (let round = 0; round < 4; round += 1) {
      await hits(1);
      await rotate();
      await hits(1);
    }
    expect(await server.recorded(sent)).toBe(sent);
    expect(await server.must('ls', '/var/log')).toMatch(/mail\.log\.2\.gz/);
  });

  it('is read without a gap after rotations while the daemon was stopped', async () => {
    await server.must('systemctl', 'stop', 'trapline');
    for (let round = 0; round < 3; round += 1) {
      await hits(1);
      await rotate();
    }
    await hits(1);
    await server.must('systemctl', 'start', 'trapline');
    expect(await server.recorded(sent)).toBe(sent);
  });

  it('is followed through rotations by logrotate with copytruncate', async () => {
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

  it('is read without a gap after a reboot and after a power cut', async () => {
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
