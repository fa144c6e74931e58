// The less usual forms of the start of a line, which some syslog daemons and templates write. A line in one of these forms is rewritten to the
// form of RFC 3164 or RFC 5424 before the filters match it. So the patterns and their proofs need only the usual forms (usual.ts).
import { HOST_ADDRESS, LEVEL, SEVERITY } from '../../lib/text/level.ts';
import { ANY_NAME, ANY_TAG, BYTE_ORDER_MARK, lineStart, PID, STRUCTURED } from './usual.ts';

const GAP = '[ \\t]{1,16}';

/** The texts before a date: a byte order mark, blanks, the length of the record (RFC 6587 section 3.4.1) and `<PRI>`. */
const BEFORE = `(?:${BYTE_ORDER_MARK})?[ \\t]{0,16}`;
const PRI = '(?:[0-9]{1,6} )?<[0-9]{1,3}>[ \\t]{0,4}';

/** The dates that lib/text/timestamp.ts reads. A date that does not exist, such as 31 February, matches too. */
const TIME = '[0-9]{2}:[0-9]{2}(?::[0-9]{2})?(?:[.,][0-9]{1,18})?(?:[ \\t]?[+-][0-9]{2}(?::?[0-9]{2})?|[Zz]|[ \\t](?:UTC|GMT))?';
const WEEKDAY = `(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?${GAP})?`;
const YEAR_FIRST = `${WEEKDAY}[0-9]{4}(?:-[0-9]{2}-|\\.[0-9]{2}\\.|/[0-9]{2}/| [0-9]{2} )[0-9]{2}(?:[Tt_]|${GAP})${TIME}`;
const NAMED = `${WEEKDAY}(?:[0-9]{4}${GAP})?(?:de )?[0-9]{0,2}[A-Za-z\\x80-\\xff]{2,24}\\.?${GAP}[0-9]{1,2}(?:,?[ \\t][0-9]{4})?${GAP}${TIME}(?:[ \\t][0-9]{4})?`;
const NUMBER = '[0-9]{9,10}(?:\\.[0-9]{1,18})?';
const TAI64 = '@[0-9a-f]{16}(?:[0-9a-f]{8})?';
const DAY_FIRST = `${WEEKDAY}[0-9]{1,2} [A-Za-z\\x80-\\xff]{2,24}\\.? [0-9]{4} ${TIME}`;
const DATE = `(?:${NAMED}|${YEAR_FIRST}|${DAY_FIRST}|${NUMBER}|${TAI64})`;

/** The name of a host. It does not end with a colon, because the colon would end the name of a program whose clients may write the next text. */
const HOST = '[^ \\t\\[\\]<>]{0,254}[^ \\t\\[\\]<>:]';
const BRACKETED = `\\[${HOST_ADDRESS}\\]`;
const DOTTED = '[A-Za-z0-9_-]{1,63}(?:\\.[A-Za-z0-9_-]{1,63}){1,8}';

/**
 * A relay and the host behind it. One of them is an address or contains a point, because two plain words could also be a host and the first
 * word of a message without a program. The relay must not look like the name of a time zone, which would change the time of the line.
 */
const RELAYED = `(?:(?:${HOST_ADDRESS}|${BRACKETED})${GAP}[A-Za-z0-9._-]{1,255}|[0-9A-Za-z_-]{0,63}[a-z0-9_-]{1,63}${GAP}(?:${HOST_ADDRESS}|${DOTTED}))`;

/** `mail.info`, `mail:info`, `mail.info<22>` (rsyslog), `<mail.info>`, `<2.6>` (FreeBSD), `(mail.info)`, `INFO`, `<Notice>`, `[mail.info]`. */
const LEVEL_WORD = `(?:${LEVEL}(?:<[0-9]{1,3}>)?|${SEVERITY}|<(?:${LEVEL}|${SEVERITY}|[0-9]{1,2}\\.[0-9])>|\\((?:${LEVEL}|${SEVERITY})\\)|\\[${LEVEL}\\])`;
const LEVEL_GAP = `(?:${LEVEL_WORD}${GAP})?`;

/** svlogd(8), multilog(8) and s6-log write a date before the line of the daemon; socklog(8) writes an address and a level before it. */
const STAMP = `(?:${YEAR_FIRST}|${TAI64})${GAP}`;
const SOCKLOG = `(?:(?:${HOST_ADDRESS}: )?${LEVEL}: )`;
const STAMPED = `(?:${STAMP}${SOCKLOG}|${TAI64}${GAP}|${SOCKLOG}|${LEVEL}${GAP}|<${LEVEL}>${GAP})`;

/**
 * The host and further words between the date and the program. A word such as `@guest` names a virtual server of the host. `group`: the name
 * of the regular expression's group that captures the host.
 */
const between = (group: string): string =>
  `${LEVEL_GAP}(?:(?<${group}>${HOST}|${BRACKETED}|${RELAYED})${GAP})?(?:@[A-Za-z0-9_.-]{1,64}${GAP})?${LEVEL_GAP}`;

/** The words before the program in a line without a date. A host is an address or has a point, as in RELAYED. */
const UNDATED = `${LEVEL_GAP}(?:(?<host3>${HOST_ADDRESS}|${DOTTED})${GAP})?${LEVEL_GAP}`;

/** The start of a line up to its program. */
const HEAD = `${BEFORE}(?:(?:${PRI})?(?:${STAMPED})?${DATE}${GAP}${between('host1')}|${PRI}${between('host2')}|(?:(?:${STAMP})?${SOCKLOG})?${UNDATED})`;

/** The text between the program and its message: a level (Apple System Log), and a colon. */
const COLON = '(?:[ \\t]<[A-Za-z]{3,9}>)?:';

/** The start of a short line. `tag`: a program without its process id. metalog writes the program in brackets, and no process id. */
const shortForm = (tag: string): string =>
  `${HEAD}(?:(?<tag>${tag})(?:(?<pid>\\[${PID}\\])${COLON}[ \\t]?|${COLON}[ \\t])|\\[(?<inner>${tag})(?:\\[${PID}\\])?\\][ \\t])`;

/**
 * The start of a line of RFC 5424 in a further form: without `<PRI>` and version (sysklogd 2), with the length of the record, or with several
 * blanks. Without `<PRI>` the line has a date. `name`: a program.
 */
const longForm = (name: string): string =>
  `${BEFORE}(?:${PRI}(?:1 )?(?:-|${YEAR_FIRST})|(?:1 )?${YEAR_FIRST})${GAP}(?<host4>${HOST})${GAP}(?<name>${name})${GAP}(?<number>-|${PID})${GAP}` +
  `[^ \\t\\[\\]<>]{1,32}${GAP}${STRUCTURED}[ \\t]`;

/** The start of a line of a program in any of these forms, up to the first blank before its message. */
export const foreignStart = (program: string): string => `(?:${longForm(program)}|${shortForm(program)})`;

const FOREIGN = new RegExp(`^${foreignStart('[^ \\t\\[\\]<>:]{1,128}')}`);

/** A line in a usual form whose message does not begin with a blank. A line of smtpd in RFC 5424 without a process id does not match. */
const USUAL = new RegExp(`^(?!<[0-9]{1,3}>1 [^ ]{1,64} [^ ]{1,255} [^ ]{1,128}/smtpd - )${lineStart(ANY_TAG, ANY_NAME)}(?![ \\t])`);

/** The date in a rewritten line. The date of a hit is read from the line as it is written. */
const NO_DATE = 'Jan  1 00:00:00';

/** The further blanks before a message of smtpd, which are dropped. */
export const MORE_BLANKS = '[ \\t]{0,16}';
const BLANKS = new RegExp(`^${MORE_BLANKS}`);

/**
 * The form of RFC 3164 or RFC 5424 for a line that begins in another form. Every other line is returned as it is. The message keeps its
 * blanks, except for a message of smtpd(8), which begins with none. The date is not kept. `line` has one character for each byte.
 *
 * The filters accept smtpd only with a process id. metalog writes no process id, and some relays write `-` in its place, so the lines of both
 * get the process id 0. Two kinds of lines get none, because smtpd always passes its process id to syslogd, and these programs would have
 * written it. One is a short line without brackets around the program. The other has `-` in RFC 5424 and a further blank before the message:
 * rsyslog writes this blank when it converts a message of RFC 3164.
 */
export function usualForm(line: string): string {
  if (USUAL.test(line)) return line;
  const found = FOREIGN.exec(line);
  if (!found?.groups) return line;
  const {
    host1,
    host2 = host1,
    host3 = host2,
    host4 = host3 ?? '-',
    tag,
    inner = tag,
    pid = '',
    name,
    number = '-',
  } = found.groups;
  const program = name ?? inner ?? '';
  const behind = line.slice(found[0].length);
  const isSmtpd = program.endsWith('/smtpd');
  const message = isSmtpd ? behind.replace(BLANKS, '') : behind;
  if (name !== undefined) {
    const process = number === '-' && isSmtpd && message === behind ? '0' : number;
    return `<22>1 - ${host4} ${name} ${process} - - ${message}`;
  }
  const host = host4.replaceAll(/[[\]]/g, '').replaceAll(/[ \t]+/g, '/');
  return `${NO_DATE} ${host} ${program}${isSmtpd && tag === undefined ? '[0]' : pid}: ${message}`;
}
