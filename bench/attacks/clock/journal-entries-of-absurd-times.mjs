// An export of the journal has entries whose times are negative numbers, words, too long or missing, or lie in 1970 and 2286.
import { clockAttack, command } from '../lib/clock.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

const TIMES = [
  '-1',
  'now',
  '',
  '0',
  '1e15',
  '99999999999999999999',
  '9999999999999999',
  '1000000',
  null,
  1_795_608_000_000_000,
  ['1795608000000000'],
  '1795608000000000',
];
const BANNED = ['203.0.113.7', '203.0.113.12']; // The time of the seventh entry is in 2286 and counts as now; the twelfth entry has a valid time.

await clockAttack(
  'an entry without a valid time is left out, a time in the future counts as now, and the backfill succeeds',
  async (world) => {
    const input = TIMES.map((time, index) =>
      JSON.stringify({
        __REALTIME_TIMESTAMP: time,
        _UID: '107',
        _COMM: 'smtpd',
        _EXE: '/usr/lib/postfix/sbin/smtpd',
        _SYSTEMD_UNIT: 'postfix@-.service',
        _HOSTNAME: 'mx',
        SYSLOG_IDENTIFIER: 'postfix/smtpd',
        _PID: '77',
        MESSAGE: `NOQUEUE: discard: RCPT from unknown[203.0.113.${1 + index}]: <trap@example.com>: Recipient address triggers spamtrap; from=<a@example.org> to=<trap@example.com> proto=ESMTP helo=<c.example.org>`,
      }),
    ).join('\n');
    const { code, stderr } = command(world, ['backfill', '-', '--format', 'journal'], { input: `${input}\n` });
    must(code === 0, `backfill: ${code} ${stderr}`);
    must(!/\n\s+at /.test(stderr), stderr);
    await onlyBanned(world, BANNED);
  },
  { at: 1_795_608_060_000 },
);
