// Regular expressions for the start of a log line up to its message. The patterns of the filters know the usual forms of a start (usual.ts).
// A line in another form (foreign.ts) is rewritten to a usual form before it is matched.
import { foreignStart, MORE_BLANKS } from './foreign.ts';
import { ANY_NAME, ANY_TAG, FOLDERS, HEAD, HOST, lineStart, longStart, PID, PROGRAM, shortStart, WORD } from './usual.ts';

export { usualForm } from './foreign.ts';
export { ANY_START, HOST_OF, UNDECIDED_END } from './usual.ts';
export { writerOf, zoned } from './zone.ts';

/** The texts with which smtpd(8) begins a message about a client. The client's name and address are the end of this text, or follow it. */
const SMTPD_MESSAGE =
  '(?:(?:NOQUEUE|[0-9A-Za-z]{5,24}): (?:[a-z-]{1,32}(?:_[a-z]{1,32})?: [A-Z-]{4,32} from |client=)|' +
  '(?:connect|disconnect|(?:lost connection|timeout|too many errors|improper command pipelining) after [A-Z-]{1,32}|SSL_accept error|' +
  'setting up TLS connection|[A-Z][a-z]{1,16} TLS connection established) from |' +
  'warning: [A-Za-z0-9._-]{1,255}\\[[0-9A-Fa-f.:]{2,45}\\](?::[0-9]{1,5})?: )';

/**
 * Decides which RFC 5424 lines with a cut name count as lines of smtpd. rsyslog cuts the name of a program at its slash, so that
 * `postfix/smtpd` becomes `postfix`. `none`: no such line counts. `checked`: a line counts if its message begins like a message of smtpd.
 * `any`: every line counts; proofs use this value.
 */
export type CutNames = 'none' | 'checked' | 'any';

/**
 * The start of a line of Postfix's smtpd. `names`: the values that syslog_name of postconf(5) may have, see isSyslogName. A name includes
 * the names below it, as `postfix` includes `postfix/submission`.
 */
export function smtpdStart(names: readonly string[], cut: CutNames): string {
  const whole = wholeNames(names);
  if (cut === 'none') return lineStart(`${whole}\\[${PID}\\]`, `${whole} ${PID}`);
  const short = longStart(`(?:${names.map(cutName).join('|')}) ${PID}`);
  return `(?:${lineStart(`${whole}\\[${PID}\\]`, `${whole} ${PID}`)}|${short}${cut === 'checked' ? `(?=${SMTPD_MESSAGE})` : ''})`;
}

/** The start of a line of smtpd in the forms that are rewritten to a usual form. */
export const foreignSmtpd = (names: readonly string[]): string =>
  `${foreignStart(`(?:${wholeNames(names)}|${names.map(cutName).join('|')})`)}${MORE_BLANKS}`;

/** The full names of smtpd, such as `postfix/smtpd` and `postfix/submission/smtpd`. */
const wholeNames = (names: readonly string[]): string => `(?:${names.map(wholeName).join('|')})(?:/${WORD}{1,64}){0,7}/smtpd`;

const wholeName = (name: string): string => literal(name).replace('*', `${WORD}{0,64}`);

/**
 * The part of a name before the slash. Its `*` does not stand for a text that begins with a letter: `postfix*` includes `postfix-in`, but not
 * `postfixadmin`.
 */
function cutName(name: string): string {
  const [first = ''] = name.split('/');
  return literal(first).replace('*', `(?:[0-9_.+@-]${WORD}{0,63})?`);
}

/** A name as text of a regular expression, with one character for each byte. A `*` stays as it is. */
const literal = (name: string): string =>
  Buffer.from(name, 'utf8')
    .toString('latin1')
    .replaceAll(/[.+]/g, String.raw`\$&`);

/** The start of a line of any smtpd. It captures the name of the program, or the first part of a name that is cut at the slash. */
const ANY_SMTPD = new RegExp(
  `^(?:${shortStart(`(?<tag>${FOLDERS}{1,8})smtpd\\[${PID}\\]`)}|${longStart(`(?<long>${FOLDERS}{1,8})smtpd ${PID}`)}|` +
    `${longStart(`(?<cut>${WORD}{1,64}) ${PID}`)}${SMTPD_MESSAGE})`,
);

/** The name of the program in a line that looks like a line of smtpd, without `/smtpd`, decoded as UTF-8; undefined for any other line. */
export function smtpdNameOf(text: string): string | undefined {
  const { tag, long, cut } = ANY_SMTPD.exec(text)?.groups ?? {};
  const name = cut ?? (tag ?? long)?.slice(0, -1);
  return name === undefined ? undefined : Buffer.from(name, 'latin1').toString('utf8');
}

/** The start of a line of a program other than smtpd. `name` is the name of the program, as text of a regular expression. */
export function programStart(name: string): string {
  return lineStart(`${FOLDERS}{0,8}${name}(?:\\[${PID}\\])?`, `${FOLDERS}{0,8}${name} (?:-|${PID})`);
}

/** The start of a line of a program other than smtpd in the forms that are rewritten to a usual form. */
export const foreignProgram = (name: string): string => foreignStart(`${FOLDERS}{0,8}${name}`);

/** A line of syslogd in RFC 3164 or ISO 8601: its host, and the number of times that the previous line was repeated. */
export const REPEATED = new RegExp(
  `^${HEAD}(?<host>${HOST}) (?:[a-z-]{0,16}syslogd(?:\\[[0-9]{1,10}\\])?: )?(?:--- )?last message repeated (?<times>[0-9]{1,9}) times?(?: ---)?$`,
);

/**
 * A line of syslog-ng (suppress()): its host, the program and up to 20 bytes of the message that was repeated, and the number of repeats. The
 * process id is the one of syslog-ng.
 */
export const SUPPRESSED = new RegExp(
  `^${HEAD}(?<host>${HOST}) (?<program>${PROGRAM})(?:\\[${PID}\\])?: Last message '(?<begin>.{0,20})' repeated (?<times>[0-9]{1,9}) times, suppressed by syslog-ng on [^ ]{1,255}$`,
  's',
);

/** The program of a line in RFC 3164 or ISO 8601, and up to 20 bytes of its message. */
export const SAID = new RegExp(`^${HEAD}${HOST} (?<program>${PROGRAM})(?:\\[${PID}\\])?: (?<begin>.{0,20})`, 's');

/**
 * A line of rsyslog ($RepeatedMsgReduction) in place of further equal lines: its start, their number, and up to 800 characters of their
 * message.
 */
export const REDUCED = new RegExp(
  `^(?<start>${lineStart(ANY_TAG, ANY_NAME)})message repeated (?<times>[0-9]{1,9}) times: \\[ ?(?<message>.*)\\]$`,
  's',
);
