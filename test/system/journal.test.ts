import { describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { useMailServer } from '../support/system/mail-server.ts';

/** With this high maxretry no hit leads to a ban, so that one client can send all mails. */
const PATIENT = 'sources: [journal]\ndefaults: { maxretry: 10000 }\n';

/** The line that Postfix writes for a mail to the trap. */
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

  /** Writes to the log from a program that resembles Postfix: it runs as the given user, and its process name is smtpd. */
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

  it('R09: is read through a hundred rotations, and no vacuumed file stays open', async () => {
    const open = async (): Promise<string[]> =>
      (await server.must('ls', '-l', `/proc/${await server.pid('journalctl')}/fd`))
        .split('\n')
        .filter((line) => line.includes('/journal/'));
    for (let round = 0; round < 100; round += 1) await server.must('journalctl', '--rotate');
    await hits(1);
    expect(await server.recorded(sent)).toBe(sent);
    await server.must('journalctl', '--quiet', '--vacuum-files=3');
    await until('the vacuumed files are closed', async () => (await open()).length < 10);
    expect((await open()).filter((line) => line.includes('(deleted)'))).toEqual([]);
    await hits(1);
    expect(await server.recorded(sent)).toBe(sent);
  });

  it('is read without a gap when journalctl is killed', async () => {
    const pid = await server.pid('journalctl');
    await server.must('kill', '-KILL', pid);
    await hits(2);
    await server.pid('journalctl', pid);
    await hits(1);
    expect(await server.recorded(sent)).toBe(sent);
    expect(await server.said()).toContain('journalctl ended (SIGKILL); started again');
  });

  it('is read without a gap when journald is restarted', async () => {
    await server.must('systemctl', 'restart', 'systemd-journald');
    await server.must('systemctl', 'restart', 'postfix');
    await hits(2);
    expect(await server.recorded(sent)).toBe(sent);
  });

  it('is read from the place where reading stopped after a restart of the daemon', async () => {
    await server.must('systemctl', 'stop', 'trapline');
    await hits(2);
    await server.must('systemctl', 'start', 'trapline');
    await hits(1);
    expect(await server.recorded(sent)).toBe(sent);
  });

  it('is read without a gap after a restart of the daemon when the last entry that was read has been vacuumed', async () => {
    await server.must('systemctl', 'stop', 'trapline');
    await server.must('journalctl', '--rotate');
    // The first entry after the last entry that was read is a hit.
    await logAs('postfix', hitOf('203.0.113.98'));
    await hits(1);
    await server.must('journalctl', '--quiet', '--vacuum-files=1');
    const left = await server.must('journalctl', '--quiet', '--output=cat', '--merge', '--grep=triggers spamtrap', '_COMM=smtpd');
    expect(left.trim().split('\n')).toHaveLength(2);
    sent += 1;
    await server.must('systemctl', 'start', 'trapline');
    expect(await server.recorded(sent)).toBe(sent);
  });

  it('is read without a gap after a reboot that has erased it (Storage=volatile)', async () => {
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

  it('is polled when no inotify instance is left', async () => {
    // This program takes each free inotify instance. 294 is the number of inotify_init1(2) on x86-64.
    const taker = 'while (1) { 1 while syscall(294, 0) >= 0; select(undef, undef, undef, 0.01) }';
    await server.must('systemd-run', '--quiet', '--unit=taker', '--uid=trapline', 'perl', '-e', taker);
    await until(
      'no inotify instance is left',
      async () => (await server.must('sh', '-c', 'ls /proc/$(pgrep -x perl)/fd | wc -l')).length > 3,
    );
    await server.must('kill', '-KILL', await server.pid('journalctl'));
    await hits(2);
    expect(await server.recorded(sent)).toBe(sent);
    await until('the polling is logged', async () => (await server.said()).includes('it is run every second instead'));
    await server.must('systemctl', 'stop', 'taker');
    await hits(1);
    expect(await server.recorded(sent)).toBe(sent);
  });

  it('leads to hits only with entries of Postfix, also if their texts are not UTF-8', async () => {
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
