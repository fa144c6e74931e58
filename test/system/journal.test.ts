import { describe, expect, it } from 'vitest';
import { until } from '../support/e2e-until.ts';
import { useMailServer } from '../support/system-mail-server.ts';

/** So many hits lead to no ban: one client is enough for all of them. */
const PATIENT = 'sources: [journal]\ndefaults: { maxretry: 10000 }\n';

/** What Postfix writes of a mail to the trap. */
const hitOf = (address: string): string =>
  `NOQUEUE: discard: RCPT from unknown[${address}]: <spamtrap@example.com>: Recipient address triggers spamtrap; ` +
  'from=<a@example.org> to=<spamtrap@example.com> proto=ESMTP helo=<c.example.org>';

describe('the journal of a real journald', () => {
  const server = useMailServer(PATIENT);
  let sent = 0;

  const hits = async (count: number): Promise<void> => {
    for (let each = 0; each < count; each += 1) await server.hit('spammer4');
    sent += count;
  };

  /** Writes to the log what looks like a program of Postfix: of that user, and with a name that journald has from the kernel. */
  const logAs = async (user: string, text: string): Promise<void> => {
    await server.must('install', '--mode=755', '/usr/bin/logger', '/run/smtpd');
    const logger = `setpriv --reuid=${user} --regid=${user} --clear-groups /run/smtpd --tag postfix/smtpd`;
    await server.must('sh', '-c', `printf '${text}\\n' | ${logger}`);
    await server.must('journalctl', '--sync');
  };

  it('is read while it is rotated and vacuumed', async () => {
    for (let round = 0; round < 5; round += 1) {
      await hits(2);
      await server.must('journalctl', '--quiet', '--rotate', '--vacuum-time=1s');
    }
    expect(await server.recorded(sent)).toBe(sent);
  });

  it('R09: is read with bounded file descriptors through a hundred rotations', async () => {
    const open = async (): Promise<string[]> =>
      (await server.must('ls', '-l', `/proc/${await server.pid('journalctl')}/fd`))
        .split('\n')
        .filter((line) => line.includes('/journal/'));
    for (let round = 0; round < 100; round += 1) await server.must('journalctl', '--rotate');
    await hits(1);
    expect(await server.recorded(sent)).toBe(sent);
    await server.must('journalctl', '--quiet', '--vacuum-files=3');
    await until('what was vacuumed is closed', async () => (await open()).length < 10);
    expect((await open()).filter((line) => line.includes('(deleted)'))).toEqual([]);
    await hits(1);
    expect(await server.recorded(sent)).toBe(sent);
  });

  it('goes on when journalctl is killed', async () => {
    const pid = await server.pid('journalctl');
    await server.must('kill', '-KILL', pid);
    await hits(2);
    await server.pid('journalctl', pid);
    await hits(1);
    expect(await server.recorded(sent)).toBe(sent);
    expect(await server.said()).toContain('journalctl ended (SIGKILL); started again');
  });

  it('goes on when journald is restarted', async () => {
    await server.must('systemctl', 'restart', 'systemd-journald');
    await server.must('systemctl', 'restart', 'postfix');
    await hits(2);
    expect(await server.recorded(sent)).toBe(sent);
  });

  it('is taken up again at its cursor by the next start', async () => {
    await server.must('systemctl', 'stop', 'trapline');
    await hits(2);
    await server.must('systemctl', 'start', 'trapline');
    await hits(1);
    expect(await server.recorded(sent)).toBe(sent);
  });

  it('is taken up again when the entry of its cursor has been vacuumed meanwhile', async () => {
    await server.must('systemctl', 'stop', 'trapline');
    await server.must('journalctl', '--rotate');
    // The very first entry after the cursor is a hit.
    await logAs('postfix', hitOf('203.0.113.98'));
    await hits(1);
    await server.must('journalctl', '--quiet', '--vacuum-files=1');
    const left = await server.must('journalctl', '--quiet', '--output=cat', '--merge', '--grep=triggers spamtrap', '_COMM=smtpd');
    expect(left.trim().split('\n')).toHaveLength(2);
    sent += 1;
    await server.must('systemctl', 'start', 'trapline');
    expect(await server.recorded(sent)).toBe(sent);
  });

  it('goes on where it was when a reboot has lost all of it (Storage=volatile)', async () => {
    server.write('/etc/systemd/journald.conf.d/volatile.conf', '[Journal]\nStorage=volatile\n');
    await server.must('systemctl', 'restart', 'systemd-journald');
    await server.must('rm', '-rf', '/var/log/journal');
    await server.must('systemctl', 'restart', 'postfix');
    await hits(1);
    expect(await server.recorded(sent)).toBe(sent);
    await server.machine.reboot();
    await hits(2);
    expect(await server.recorded(sent)).toBe(sent);
  });

  it('is polled when there is no inotify instance left to follow it with', async () => {
    // Takes each instance that becomes free; 294 is inotify_init1(2) on x86-64.
    const taker = 'while (1) { 1 while syscall(294, 0) >= 0; select(undef, undef, undef, 0.01) }';
    await server.must('systemd-run', '--quiet', '--unit=taker', '--uid=trapline', 'perl', '-e', taker);
    await until('none is left', async () => (await server.must('sh', '-c', 'ls /proc/$(pgrep -x perl)/fd | wc -l')).length > 3);
    await server.must('kill', '-KILL', await server.pid('journalctl'));
    await hits(2);
    expect(await server.recorded(sent)).toBe(sent);
    await until('that is said', async () => (await server.said()).includes('asked again and again instead'));
    await server.must('systemctl', 'stop', 'taker');
    await hits(1);
    expect(await server.recorded(sent)).toBe(sent);
  });

  it('gives texts that are no UTF-8, and of Postfix alone', async () => {
    const text = hitOf('203.0.113.99').replaceAll('spamtrap@', String.raw`\001spam\377trap@`);
    await logAs('user', text);
    await logAs('postfix', text);
    sent += 1;
    expect(await server.recorded(sent)).toBe(sent);
    const entry = await server.must('journalctl', '--quiet', '--output=json', '--grep=203.0.113.99', '--lines=1', '_COMM=smtpd');
    expect(entry).toMatch(/"MESSAGE":\[\d+,/);
    expect(await server.ledger("SELECT address FROM hits WHERE address = '203.0.113.99'")).toHaveLength(1);
  });
});
