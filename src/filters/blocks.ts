// The named building blocks that patterns are written with, and their expansion. Each is bounded, and what Postfix itself writes.
import { nearest } from '../lib/yaml.ts';
import type { Fault } from './syntax.ts';

/** RFC 3164 and ISO 8601 times, as lib/timestamp.ts reads them. */
const BSD_TIME = '[A-Z][a-z]{2} [ 0-9]?[0-9](?: [0-9]{4})? [0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?';
const ISO_TIME = '[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,18})?(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})?';
const HOST = '[^ \\[\\]<>]{1,255}';

/** Time and host of an RFC 3164 or ISO 8601 line; `<mail.info>` is what FreeBSD's `syslogd -v` puts between them. */
const HEAD = `(?:<[0-9]{1,3}>)?(?:${BSD_TIME}|${ISO_TIME}) (?:<[a-z0-9.]{3,20}> )?`;

/** RFC 5424 section 6.3: `-`, or `[id name="value" ...]` once or more. */
const STRUCTURED = '(?:-|(?:\\[[!#-<>-\\\\^-~]{1,64}(?: [!#-<>-\\\\^-~]{1,64}="(?:[^"\\\\\\]]|\\\\.){0,512}"){0,16}\\]){1,16})';

/** Directories of a program's tag: `postfix/`, `postfix-in/submission/`; syslog_name is free. */
const FOLDERS = '(?:[A-Za-z0-9_.-]{0,64}/)';

/** And the message id of Solaris. */
const AFTER_TAG = ': (?:\\[ID [0-9]{1,10} [a-z0-9.]{3,20}\\] )?';

const PID = '[0-9]{1,10}';

/**
 * A line's start up to its message, in all formats. `tag` is the program in RFC 3164 and ISO 8601, `name` and its number in RFC 5424, where
 * a message may begin with the blank that RFC 3164 puts before it, or a byte order mark.
 */
function start(tag: string, name: string): string {
  const short = `${HEAD}${HOST} ${tag}${AFTER_TAG}`;
  const long = `<[0-9]{1,3}>1 (?:-|${ISO_TIME}) ${HOST} ${name} [^ \\[\\]<>]{1,32} ${STRUCTURED} {1,3}(?:\\xef\\xbb\\xbf)?`;
  return `(?:${short}|${long})`;
}

/** rsyslog cuts the program's name at the slash in RFC 5424, so that `postfix` or any other name may be all that is left of it. */
const SMTPD = start(`${FOLDERS}{1,8}smtpd\\[${PID}\\]`, `(?:${FOLDERS}{1,8}smtpd|[A-Za-z0-9_.-]{1,64}) ${PID}`);

function program(name: string): string {
  const escaped = escape(name);
  return start(`${FOLDERS}{0,8}${escaped}(?:\\[${PID}\\])?`, `${FOLDERS}{0,8}${escaped} (?:-|${PID})`);
}

const ADDRESS = '(?<address>[0-9A-Fa-f.:]{2,45})';
/** Postfix takes a name from the DNS only when it is one (valid_hostname()), else `unknown`. */
const CLIENT = `[A-Za-z0-9._-]{1,255}\\[${ADDRESS}\\](?::[0-9]{1,5})?`;

/** A mail address in the quoted form that Postfix 3.5 and later log: a quote, `<`, `>`, `[` or blank stands inside quotes only. */
const MAIL_ADDRESS = '(?:"(?:[^"\\\\]|\\\\.){0,254}")?[^<>"\\\\\\[\\] ]{0,254}(?:\\[[^<>"\\[\\]]{0,254}\\])?';
const ENVELOPE =
  `;(?: from=<(?<sender>${MAIL_ADDRESS})>)?(?: to=<${MAIL_ADDRESS}>)?` +
  '(?: proto=[A-Z0-9]{1,16})?(?: helo=<(?<helo>[^<>]{0,512})>)?';
/** Postfix 3.10 and later. */
const LOGIN = '(?: sasl_method=[^ <>]{1,64})? sasl_username=(?<login>[^<>]{1,254}?)(?: sasl_sender=[^ <>]{0,254})?';
const MORE = '(?: [^<>;]{0,254})?';

/** Each block's regular expression. docs/filters.md says what they mean; `<prefix:NAME>` is besides. */
const BLOCKS: Readonly<Record<string, string>> = {
  prefix: SMTPD,
  'queue-id': '(?<queueId>NOQUEUE|[0-9A-Za-z]{5,24})',
  stage: '(?:CONNECT|HELO|EHLO|MAIL|RCPT|DATA|BDAT|END-OF-MESSAGE|VRFY|ETRN)',
  client: CLIENT,
  address: ADDRESS,
  class:
    '(?:Recipient address|Sender address|Helo command|Client host|Unverified Client host|Client certificate|SASL login name' +
    '|Data command|End-of-data|Etrn command)',
  reply: '[45][0-9]{2} (?:[45]\\.[0-9]{1,3}\\.[0-9]{1,3} )?',
  more: MORE,
  envelope: ENVELOPE,
  login: LOGIN,
  rest: `(?:${MORE}${ENVELOPE}$|;| |$)`,
};

/** Everything before a message, whatever the program: the message is what is left. */
export const ANY_START = new RegExp(`^${start(`[^ \\[\\]:<>]{1,128}(?:\\[${PID}\\])?`, '[^ ]{1,128} [^ ]{1,128}')}`);

/** The host of a line in RFC 3164 or ISO 8601, and how often syslogd says the line before it was repeated. */
export const REPEATED = new RegExp(
  `^${HEAD}(?<host>${HOST}) (?:[a-z-]{0,16}syslogd(?:\\[[0-9]{1,10}\\])?: )?(?:--- )?last message repeated (?<times>[0-9]{1,9}) times?(?: ---)?$`,
);

/** The host of a line in RFC 3164 or ISO 8601. */
export const HOST_OF = new RegExp(`^${HEAD}(?<host>${HOST}) `);

/** A pattern with its blocks written out. */
export interface Expanded {
  readonly text: string;
  /** What is to be checked of it: the text, but for a `<prefix>` at its start, which would be three quarters of the work and has tests. */
  readonly outline: string;
  /** From an offset in the outline to the one in the pattern as written. */
  readonly offsetOf: (offset: number) => number;
  /** True inside `<prefix>`, by an offset in the outline: bounded, and nothing that a client could write. */
  readonly isTrusted: (offset: number) => boolean;
  /** Values of the settings that are used, as bytes. */
  readonly words: readonly string[];
}

/** Escapes, classes and starts of groups are stepped over; what is left of the form `<name>` is a block. */
const STEP = /\\.|\[(?:\\.|[^\]\\])*\]|\(\?<|<(?<name>[a-z][a-z0-9-]*)(?::(?<argument>[A-Za-z0-9_.-]{1,64}))?>/gs;

/** Stands for a `<prefix>` that is not checked. */
const NOTHING = '(?:)';

/** Writes out the blocks of a pattern, and `<name>` of each setting as its text. Throws the fault that it words for an unknown block. */
export function expand(pattern: string, settings: Readonly<Record<string, string>>, fault: Fault): Expanded {
  const parts: { at: number; written: number; length: number; trusted: boolean }[] = [];
  const words: string[] = [];
  let prefix: string | undefined;
  let outline = '';
  let done = 0;
  for (const found of pattern.matchAll(STEP)) {
    const { name, argument } = found.groups ?? {};
    if (name === undefined) continue;
    const value = settings[name];
    let block = value === undefined ? blockOf(name, argument) : escape(latin1(value));
    if (block === undefined) throw fault(unknownBlock(found[0], name, Object.keys(settings)), found.index);
    if (value !== undefined) words.push(latin1(value));
    outline += pattern.slice(done, found.index);
    done = found.index + found[0].length;
    if (name === 'prefix' && outline === '^' && !/[*+?{]/.test(pattern.charAt(done))) {
      prefix = block;
      block = NOTHING;
    }
    parts.push({ at: outline.length, written: found.index, length: block.length, trusted: name === 'prefix' });
    outline += block;
  }
  outline += pattern.slice(done);
  const partAt = (offset: number) => parts.findLast((part) => part.at <= offset);
  return {
    text: prefix === undefined ? outline : `^${prefix}${outline.slice(1 + NOTHING.length)}`,
    outline,
    words,
    offsetOf: (offset) => {
      const part = partAt(offset);
      if (!part) return offset;
      const beyond = offset - part.at - part.length;
      return beyond < 0 ? part.written : pattern.indexOf('>', part.written) + 1 + beyond;
    },
    isTrusted: (offset) => {
      const part = partAt(offset);
      return part !== undefined && part.trusted && offset < part.at + part.length;
    },
  };
}

function blockOf(name: string, argument: string | undefined): string | undefined {
  if (argument !== undefined && argument !== 'smtpd') return name === 'prefix' ? program(argument) : undefined;
  return Object.hasOwn(BLOCKS, name) ? BLOCKS[name] : undefined;
}

function unknownBlock(written: string, name: string, settings: readonly string[]): string {
  const known = [...Object.keys(BLOCKS), ...settings];
  const near = nearest(name, known);
  const advice = near !== undefined && near !== name ? `did you mean "<${near}>"?` : `known are ${known.join(', ')};`;
  return `unknown building block "${written}", ${advice} ("\\${written}" is the text itself)`;
}

/** The names that settings may not have. */
export function isBlock(name: string): boolean {
  return Object.hasOwn(BLOCKS, name);
}

/** A text as the bytes of its UTF-8, one character a byte: the form that lines are matched in. */
export function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function escape(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}
