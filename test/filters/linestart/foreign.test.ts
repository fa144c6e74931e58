import { describe, expect, it } from 'vitest';
import { foreignStart } from '../../../src/filters/linestart/foreign.ts';
import { usualForm } from '../../../src/filters/linestart/linestart.ts';
import { findSecondReading, Side } from '../../../src/filters/pattern/automaton/check.ts';
import type { Hit } from '../../../src/words/walk.ts';
import { batchOf, corpusNames, matcherOf, readCorpus, shipped } from '../../support/filters/lines.ts';
import { parsed } from '../../support/filters/patterns.ts';

/** The message of a hit by 192.0.2.10. */
const MESSAGE =
  'NOQUEUE: discard: RCPT from unknown[192.0.2.10]: <trap@example.org>: Recipient address triggers spamtrap; ' +
  'from=<a@example.com> to=<trap@example.org> proto=ESMTP helo=<h.example.com>';

const matcher = matcherOf(shipped('postfix-spamtrap'));
const found = (start: string): readonly Hit[] => matcher.match(batchOf(`${start}${MESSAGE}\n`));

const LOCAL = new Date(2026, 10, 28, 17).getTime();
const UTC = Date.UTC(2026, 10, 28, 17);

/** The starts of lines that daemons and templates write, each with its time. Undefined: the line has no date that can be read. */
const STARTS: readonly (readonly [who: string, start: string, at: number | undefined])[] = [
  // Usual forms, which are not rewritten.
  ['rsyslog, syslogd', 'Nov 28 17:00:00 mx postfix/smtpd[1]: ', LOCAL],
  ['rsyslog, ISO 8601', '2026-11-28T17:00:00.123456+00:00 mx postfix/smtpd[1]: ', UTC + 123],
  ['postlogd, journal', '2026-11-28T17:00:00Z mx postfix/smtpd[1]: ', UTC],
  ['RFC 5424', '<22>1 2026-11-28T17:00:00.123456+00:00 mx postfix/smtpd 1 - - ', UTC + 123],
  ['FreeBSD, syslogd -v', 'Nov 28 17:00:00 <2.6> mx postfix/smtpd[1]: ', LOCAL],
  ['FreeBSD, syslogd -vv', 'Nov 28 17:00:00 <mail.info> mx postfix/smtpd[1]: ', LOCAL],
  ['Solaris', 'Nov 28 17:00:00 mx postfix/smtpd[1]: [ID 197553 mail.info] ', LOCAL],
  ['syslog-ng on Alpine', '2026-11-28T17:00:00.263+00:00 info postfix/smtpd[8001]: ', UTC + 263],
  ['syslog-ng, chained hosts', 'Nov 28 17:00:00 s_src@mx/relay postfix/smtpd[1]: ', LOCAL],
  ['a host with a colon', 'Nov 28 17:00:00 mx: postfix/smtpd[1]: ', LOCAL],
  ['an IPv6 host', 'Nov 28 17:00:00 2001:db8::1 postfix/smtpd[1]: ', LOCAL],
  ['RFC 5424 without a process id', '<22>1 2026-11-28T17:00:00Z mx postfix/smtpd - - - ', UTC],

  // Daemons.
  ['BusyBox syslogd', 'Nov 28 17:00:00 mx mail.info postfix/smtpd[1]: ', LOCAL],
  ['BusyBox syslogd, another level', 'Nov 28 17:00:00 mx local0.warn postfix/smtpd[1]: ', LOCAL],
  ['BusyBox syslogd without a host', 'Nov 28 17:00:00 mail.info postfix/smtpd[1]: ', LOCAL],
  ['BusyBox syslogd -S', 'Nov 28 17:00:00 postfix/smtpd[1]: ', LOCAL],
  ['OpenWrt logread', 'Sat Nov 28 17:00:00 2026 mail.info postfix/smtpd[1]: ', LOCAL],
  ['asctime', 'Sat Nov 28 17:00:00 2026 mx postfix/smtpd[1]: ', LOCAL],
  ['asctime without a year', 'Sat Nov 28 17:00:00 mx postfix/smtpd[1]: ', LOCAL],
  ['sysklogd 2, RFC 5424', '2026-11-28T17:00:00.123456+00:00 mx postfix/smtpd 1 - - ', UTC + 123],
  ['sysklogd 2, RFC 5424 without a process id', '2026-11-28T17:00:00.123456+00:00 mx postfix/smtpd - - - ', UTC + 123],
  ['RFC 6587, length of the record', '289 <22>1 2026-11-28T17:00:00.123456+00:00 mx postfix/smtpd 1 - - ', UTC + 123],
  ['RFC 6587, RFC 3164', '289 <22>Nov 28 17:00:00 mx postfix/smtpd[1]: ', LOCAL],
  ['socklog', 'mail.info: Nov 28 17:00:00 postfix/smtpd[1]: ', LOCAL],
  ['socklog, from the network', '192.0.2.53: mail.info: Nov 28 17:00:00 postfix/smtpd[1]: ', LOCAL],
  [
    'socklog and svlogd -t',
    '@400000006a1f4d2a075bca00 mail.info: Nov 28 17:00:00 postfix/smtpd[1]: ',
    0x6a1f4d2a * 1000 - 10_000 + 123,
  ],
  ['socklog and svlogd -tt', '2026-11-28_17:00:00.12345 mail.info: Nov 28 17:00:00 postfix/smtpd[1]: ', UTC + 123],
  ['socklog and svlogd -ttt', '2026-11-28T17:00:00.12345 mail.info: Nov 28 17:00:00 postfix/smtpd[1]: ', UTC + 123],
  ['multilog', '@400000006a1f4d2a Nov 28 17:00:00 mx postfix/smtpd[1]: ', 0x6a1f4d2a * 1000 - 10_000],
  ['s6-log', '@400000006a1f4d2a075bca00 postfix/smtpd[1]: ', 0x6a1f4d2a * 1000 - 10_000 + 123],
  ['metalog', 'Nov 28 17:00:00 [postfix/smtpd] ', LOCAL],
  ['metalog with a host', 'Nov 28 17:00:00 mx [postfix/smtpd] ', LOCAL],
  ['metalog with a process id', 'Nov 28 17:00:00 [postfix/smtpd[1]] ', LOCAL],
  ['macOS', 'Nov 28 17:00:00 mx postfix/smtpd[1] <Notice>: ', LOCAL],
  ['AIX', 'Nov 28 17:00:00 mx mail:info postfix/smtpd[1]: ', LOCAL],
  ['Linux-VServer', 'Nov 28 17:00:00 mx @vserver_mail postfix/smtpd[1]: ', LOCAL],

  // Templates of syslog-ng and rsyslog.
  ['points in the date', '2026.11.28 17:00:00 mx postfix/smtpd[1]: ', LOCAL],
  ['host(level)', '2026.11.28 17:00:00 mx(mail.info) postfix/smtpd[1]: ', LOCAL],
  ['slashes in the date', '2026/11/28 17:00:00 mx postfix/smtpd[1]: ', LOCAL],
  ['blanks in the date', '2026 11 28 17:00:00 mx postfix/smtpd[1]: ', LOCAL],
  ['$FULLDATE', '2026 Nov 28 17:00:00 mx postfix/smtpd[1]: ', LOCAL],
  ['$FULLDATE and $LEVEL', '2026 Nov 28 17:00:00.123456 mx INFO postfix/smtpd[1]: ', LOCAL + 123],
  ['$UNIXTIME', '1795885200 mx postfix/smtpd[1]: ', 1_795_885_200_000],
  ['$UNIXTIME with a fraction', '1795885200.123456 mx postfix/smtpd[1]: ', 1_795_885_200_123],
  ['a level before the host', '2026-11-28 17:00:00 INFO mx postfix/smtpd[1]: ', LOCAL],
  ['a level behind the host', '<22>2026-11-28T17:00:00.853194+00:00 mx INFO postfix/smtpd[1]: ', UTC + 853],
  ['%pri-text% of rsyslog', 'Nov 28 17:00:00 mx mail.info<22> postfix/smtpd[1]: ', LOCAL],
  ['two blanks before the host', 'Nov 28 17:00:00  mx postfix/smtpd[1]: ', LOCAL],
  ['two blanks behind the host', 'Nov 28 17:00:00 mx  postfix/smtpd[1]: ', LOCAL],
  ['two blanks before the message', 'Nov 28 17:00:00 mx postfix/smtpd[1]:  ', LOCAL],
  ['tabs', 'Nov 28 17:00:00\tmx\tpostfix/smtpd[1]:\t', LOCAL],
  ['no blank before the message', 'Nov 28 17:00:00 mx postfix/smtpd[1]:', LOCAL],
  ['no host', '2026-11-28T17:00:00+00:00 postfix/smtpd[1]: ', UTC],
  ['a host in brackets', 'Nov 28 17:00:00 [2001:db8::1] postfix/smtpd[1]: ', LOCAL],
  ['an IPv4 host in brackets', 'Nov 28 17:00:00 [192.0.2.53] postfix/smtpd[1]: ', LOCAL],
  ['a relay', 'Nov 28 17:00:00 192.0.2.53 mx postfix/smtpd[1]: ', LOCAL],
  ['a relay with a name', 'Nov 28 17:00:00 relay mx.example.com postfix/smtpd[1]: ', LOCAL],
  ['a blank before the line', ' Nov 28 17:00:00 mx postfix/smtpd[1]: ', LOCAL],
  ['a byte order mark', '\ufeffNov 28 17:00:00 mx postfix/smtpd[1]: ', LOCAL],
  ['a byte order mark in RFC 5424', '\ufeff<22>1 2026-11-28T17:00:00Z mx postfix/smtpd 1 - - ', UTC],

  // Forms of dates.
  ['a short offset', '2026-11-28T17:00:00+01 mx postfix/smtpd[1]: ', UTC - 3_600_000],
  ['a blank before the offset', '2026-11-28 17:00:00 +0000 mx postfix/smtpd[1]: ', UTC],
  ['UTC behind the time', '2026-11-28 17:00:00 UTC mx postfix/smtpd[1]: ', UTC],
  ['no seconds', '2026-11-28T17:00Z mx postfix/smtpd[1]: ', UTC],
  ['an offset behind the time', 'Nov 28 17:00:00 +0100 mx postfix/smtpd[1]: ', UTC - 3_600_000],
  ['German', 'Dez 28 17:00:00 mx postfix/smtpd[1]: ', new Date(2026, 11, 28, 17).getTime()],
  ['French', 'nov. 28 17:00:00 mx postfix/smtpd[1]: ', LOCAL],
  ['Catalan', 'de nov. 28 17:00:00 mx postfix/smtpd[1]: ', LOCAL],
  ['Japanese', '11月 28 17:00:00 mx postfix/smtpd[1]: ', LOCAL],
  ['RFC 5322', 'Sat, 28 Nov 2026 17:00:00 +0000 mx postfix/smtpd[1]: ', UTC],
  ['the day first', '28 Nov 2026 17:00:00 mx postfix/smtpd[1]: ', LOCAL],
  ['a comma before the year', 'Nov 28, 2026 17:00:00 mx postfix/smtpd[1]: ', LOCAL],
  ['a level before the date', 'mail.info Nov 28 17:00:00 mx postfix/smtpd[1]: ', LOCAL],
  ['a level in angles before the date', '<mail.info> Nov 28 17:00:00 mx postfix/smtpd[1]: ', LOCAL],
  ['a blank behind the priority', '<22> Nov 28 17:00:00 mx postfix/smtpd[1]: ', LOCAL],
  ['a level in brackets', 'Nov 28 17:00:00 mx [mail.info] postfix/smtpd[1]: ', LOCAL],
  ['a level with a bar', 'Nov 28 17:00:00 mx mail|info postfix/smtpd[1]: ', LOCAL],
  ['Finnish', 'marras 28 17:00:00 mx postfix/smtpd[1]: ', LOCAL],
  ['Greek', 'Νοε 28 17:00:00 mx postfix/smtpd[1]: ', LOCAL],
  ['Ukrainian', 'лис 28 17:00:00 mx postfix/smtpd[1]: ', LOCAL],

  // Dates that cannot be read, and no date.
  ['Polish or Croatian', 'lis 28 17:00:00 mx postfix/smtpd[1]: ', undefined],
  ['a day that does not exist', 'Nov 31 17:00:00 mx postfix/smtpd[1]: ', undefined],
  ['a date that does not exist', '2026-02-30T10:00:00+00:00 mx postfix/smtpd[1]: ', undefined],
  ['an hour that does not exist', 'Nov 28 24:00:00 mx postfix/smtpd[1]: ', undefined],
  ['the year 0000', '0000-11-28T17:00:00Z mx postfix/smtpd[1]: ', undefined],
  ['an unknown month', 'Xyz 28 17:00:00 mx postfix/smtpd[1]: ', undefined],
  ['an offset that does not exist', '2026-11-28T17:00:00+99:00 mx postfix/smtpd[1]: ', undefined],
  ['RFC 5424 without a date', '<22>1 - mx postfix/smtpd 1 - - ', undefined],
  ['no date', 'postfix/smtpd[1]: ', undefined],
  ['no date, a priority', '<22>postfix/smtpd[1]: ', undefined],
  ['no date, a priority and a host', '<22>mx postfix/smtpd[1]: ', undefined],
  ['no date, a level', 'mail.info postfix/smtpd[1]: ', undefined],
  ['no date, a host', 'mx.example.com postfix/smtpd[1]: ', undefined],
];

describe('a hit of a further form', () => {
  it.each(STARTS)('N012: has the address and the time of its line: %s (%s)', (_who, start, at) => {
    const [hit] = found(start);
    expect(hit?.address).toBe('192.0.2.10');
    expect(hit?.undated === undefined ? hit?.at : undefined).toBe(at);
  });
});

/** The start of a line of a program in a further form. */
const FORMS: Readonly<Record<string, (program: string, pid: string) => string>> = {
  BusyBox: (program, pid) => `Nov 28 17:00:00 mx mail.info ${program}[${pid}]: `,
  'no host': (program, pid) => `2026-11-28T17:00:00+00:00 ${program}[${pid}]: `,
  'no date': (program, pid) => `${program}[${pid}]: `,
  sysklogd: (program, pid) => `2026-11-28T17:00:00Z mx ${program} ${pid} - - `,
  socklog: (program, pid) => `@400000006a1f4d2a075bca00 mail.info: Nov 28 17:00:00 ${program}[${pid}]: `,
  metalog: (program) => `Nov 28 17:00:00 [${program}] `,
  macOS: (program, pid) => `Nov 28 17:00:00 mx ${program}[${pid}] <Notice>: `,
  'syslog-ng': (program, pid) => `2026/11/28 17:00:00\tmx(mail.info)\tINFO\t${program}[${pid}]:\t`,
  relay: (program, pid) => `Nov 28 17:00:00 192.0.2.53 mx ${program}[${pid}]: `,
};

/** The start of a line of the corpus: its program with a process id. */
const START = /^[A-Z][a-z]{2} [ 0-9]{2} [0-9:]{8} mx (?<program>[^ [\]:]+)\[(?<pid>[0-9]+)\]: /;

describe.each(Object.entries(FORMS))('a line of the corpus in the form of %s', (_who, form) => {
  it.each(corpusNames().filter((name) => name.endsWith('.rfc3164')))('is a hit of the client of its usual form: %s', (name) => {
    for (const { bytes } of readCorpus(name)) {
      const line = bytes.toString('latin1');
      const { program, pid } = START.exec(line)?.groups ?? {};
      if (program === undefined || pid === undefined) continue;
      const hitsOf = (text: string): readonly object[] =>
        matcher.match(batchOf(Buffer.from(text, 'latin1'))).map(({ address, rule, fields }) => ({ address, rule, fields }));
      expect(hitsOf(line.replace(START, () => form(program, pid)))).toEqual(hitsOf(line));
    }
  });
});

/** A start, and the byte behind it in the place of an address. */
const sideOf = (start: string): Side => {
  const at = `^${start}`.length;
  return new Side(parsed(`^${start}(?<address>.)`), { start: at, end: at + '(?<address>.)'.length }, 0n);
};

describe('the start of a line in a further form', () => {
  const smtpd = sideOf(foreignStart('postfix/smtpd'));

  it('N012: is the start of a line of one program: no text of a client makes its line a line of smtpd', () => {
    const usual =
      '(?:<22>)?Nov 28 17:00:00 [a-z.]{1,20} app(?:\\[1\\])?: |<22>1 2026-11-28T17:00:00Z [a-z.]{1,20} app (?:-|1) - - ';
    for (const app of [`(?:${usual})`, foreignStart('app')]) {
      expect(findSecondReading(sideOf(app), smtpd, 50_000_000)).toBeUndefined();
    }
  });

  it('is the start of a line of smtpd behind a level without a program, as docs/filters.md describes', () => {
    const bare = '[A-Z][a-z]{2} [ 0-9]{2} [0-9:]{8} mx INFO ';
    expect(findSecondReading(sideOf(bare), smtpd, 50_000_000)).not.toBeUndefined();
  });
});

describe('usualForm', () => {
  it.each([
    ['Nov 28 17:00:00 mx app: postfix/smtpd[1]: x', 'the message of another program'],
    ['Nov 28 17:00:00 mx app[1]: mail.info postfix/smtpd[1]: x', 'the message of another program'],
    ['Nov 28 17:00:00 mx ac::db: postfix/smtpd[1]: x', 'the message of a program whose name looks like an address'],
    ['Nov 28 17:00:00 ac::db: mx postfix/smtpd[1]: x', 'the same in a log without host names'],
    ['ac::db: postfix/smtpd[1]: x', 'the same in a log without dates'],
    ['{"log":"Nov 28 17:00:00 mx postfix/smtpd[1]: x"}', 'JSON'],
    ['\x1b[36mpostfix-1  |\x1b[0m Nov 28 17:00:00 mx postfix/smtpd[1]: x', 'colours'],
    ['/var/log/maillog:Nov 28 17:00:00 mx postfix/smtpd[1]: x', 'the name of a file'],
    ['Nov 28 17:00:00 CET mx postfix/smtpd[1]: x', 'a zone that is not known'],
    ['Nov 28 05:00:00 PM mx.example.com postfix/smtpd[1]: x', 'half a day'],
    ['mx postfix/smtpd[1]: x', 'a word that may be any text'],
    ['Nov 28 17:00:00 mx app postfix/smtpd[1]: x', 'a word that may be any text'],
  ])('leaves a line as it is: %s (%s)', (line) => {
    expect(usualForm(line)).toBe(line);
  });

  it.each([
    ['Nov 28 17:00:00 app: mail.info postfix/smtpd[1]: x', 'app'],
    ['Nov 28 17:00:00 [app] postfix/smtpd[1]: x', 'app'],
    ['2026-11-28T17:00:00Z app[1]: postfix/smtpd 1 - - x', 'app[1]'],
    ['@400000006a1f4d2a mail.info: Nov 28 17:00:00 app: mx postfix/smtpd[1]: x', 'app'],
    ['app: postfix/smtpd[1]: x', 'app'],
  ])('finds the program of a line whose message holds another start: %s', (line, program) => {
    expect(usualForm(line)).toMatch(new RegExp(`^Jan  1 00:00:00 - ${program.replaceAll(/[[\]]/g, '\\$&')}: .*postfix/smtpd`));
  });

  it('keeps the blanks of a message, except before a message of smtpd', () => {
    expect(usualForm('Nov 28 17:00:00 mx mail.info sudo:    a : x')).toBe('Jan  1 00:00:00 mx sudo:    a : x');
    expect(usualForm('Nov 28 17:00:00 mx sudo:    a : x')).toBe('Jan  1 00:00:00 mx sudo:    a : x');
    expect(usualForm('Nov 28 17:00:00 mx postfix/smtpd[1]:    x')).toBe('Jan  1 00:00:00 mx postfix/smtpd[1]: x');
  });

  it.each([
    `Nov 28 17:00:00${' '.repeat(100_000)}mx postfix/smtpd[1]: x`,
    `Nov 28 17:00:00 ${'a.'.repeat(100_000)} b`,
    'mail.info '.repeat(50_000),
    `<22>${'1'.repeat(200_000)}`,
    `2026-11-28T17:00:00Z mx postfix/smtpd 1 - ${'[a b="c"]'.repeat(50_000)}`,
  ])('reads a line of any length in bounded time', (line) => {
    for (let count = 0; count < 20; count += 1) expect(usualForm(line)).toBe(line);
  });
});
