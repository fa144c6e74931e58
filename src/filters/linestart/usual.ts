// The usual forms of the start of a log line up to its message, as text of regular expressions: RFC 3164, ISO 8601 and RFC 5424, as rsyslog,
// syslogd of BSD, postlogd(8) and the journal write them.

/** Times of RFC 3164 and ISO 8601, as lib/text/timestamp.ts reads them. */
const BSD_TIME = '[A-Z][a-z]{2} [ 0-9]?[0-9](?: [0-9]{4})? [0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?';
const ISO_TIME = '[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,18})?(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})?';

/** The name or address of a host. */
export const HOST = '[^ \\[\\]<>]{1,255}';

/** The start of an RFC 3164 or ISO 8601 line with its time. FreeBSD's `syslogd -v` writes `<mail.info>` between time and host. */
export const HEAD = `(?:<[0-9]{1,3}>)?(?:${BSD_TIME}|${ISO_TIME}) (?:<[a-z0-9.]{3,20}> )?`;

/** The structured data of RFC 5424 section 6.3: `-`, or one or more times `[id name="value" ...]`. */
export const STRUCTURED =
  '(?:-|(?:\\[[!#-<>-\\\\^-~]{1,64}(?: [!#-<>-\\\\^-~]{1,64}="(?:[^"\\\\\\]]|\\\\.){0,512}"){0,16}\\]){1,16})';

/** A character in one part of a syslog name. */
export const WORD = '[A-Za-z0-9_.+@\\x80-\\xff-]';

/** The folders in the tag of a program, such as `postfix/` or `postfix-in/submission/`. */
export const FOLDERS = `(?:${WORD}{0,64}/)`;

/** The message id that Solaris writes before a message. */
const MESSAGE_ID = '\\[ID [0-9]{1,10} [a-z0-9.]{3,20}\\] ';

/** A process id. */
export const PID = '[0-9]{1,10}';

/** A byte order mark in UTF-8, which may stand before a message of RFC 5424. */
export const BYTE_ORDER_MARK = '\\xef\\xbb\\xbf';

/** The start of a line up to its message in RFC 3164 and ISO 8601. `tag` is the program. */
export const shortStart = (tag: string): string => `${HEAD}${HOST} ${tag}: (?:${MESSAGE_ID})?`;

/**
 * The start of a line up to its message in RFC 5424. `name` is the program and its process number. The message may begin with a byte order
 * mark, or with the blank that RFC 3164 puts before a message.
 */
export const longStart = (name: string): string =>
  `<[0-9]{1,3}>1 (?:-|${ISO_TIME}) ${HOST} ${name} [^ \\[\\]<>]{1,32} ${STRUCTURED} {1,3}(?:${BYTE_ORDER_MARK})?`;

/** The start of a line up to its message, in all formats. */
export const lineStart = (tag: string, name: string): string => `(?:${shortStart(tag)}|${longStart(name)})`;

/**
 * The texts that can belong either to the start of a line or to its message. The start of a line can end in two places only if the message
 * begins with one of these texts.
 */
export const UNDECIDED_END = `(?:${MESSAGE_ID}| {0,2}(?:${BYTE_ORDER_MARK})?)`;

/** The name of any program in RFC 3164. */
export const PROGRAM = '[^ \\[\\]:<>]{1,128}';

/** The tag of any program, with or without a process id. */
export const ANY_TAG = `${PROGRAM}(?:\\[${PID}\\])?`;

/** The name of any program and its process number in RFC 5424. */
export const ANY_NAME = '[^ ]{1,128} [^ ]{1,128}';

/** The start of a line of any program. The message follows it. */
export const ANY_START = new RegExp(`^${lineStart(ANY_TAG, ANY_NAME)}`);

/** The host of a line in RFC 3164 or ISO 8601. */
export const HOST_OF = new RegExp(`^${HEAD}(?<host>${HOST}) `);
