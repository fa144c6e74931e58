// The named building blocks of patterns, and their expansion. Each block matches a text of limited length, in the form in which Postfix
// writes it.
import { nearest } from '../../lib/text/nearest.ts';
import { POSTFIX_NAMES } from '../../lib/text/syslogname.ts';
import { foreignProgram, foreignSmtpd, programStart, smtpdStart } from '../linestart/linestart.ts';
import type { Fault } from './syntax.ts';

const ADDRESS_TEXT = '[0-9A-Fa-f.:]{2,45}';
const ADDRESS = `(?<address>${ADDRESS_TEXT})`;
/** The zone of a link-local address, which getnameinfo(3) adds: `fe80::1%eth0`. */
const ZONE = '(?:%[A-Za-z0-9._@-]{1,15})?';
/** Postfix takes a name from the DNS only when it is a valid host name (valid_hostname()), else it writes `unknown`. */
const CLIENT = `[A-Za-z0-9._-]{1,255}\\[(?<address>${ADDRESS_TEXT}${ZONE})\\](?::[0-9]{1,5})?`;

/** A mail address in the quoted form that Postfix 3.5 and later log: a quote, `<`, `>`, `[` or blank stands inside quotes only. */
const MAIL_ADDRESS = '(?:"(?:[^"\\\\]|\\\\.){0,254}")?[^<>"\\\\\\[\\] ]{0,254}(?:\\[[^<>"\\[\\]]{0,254}\\])?';
const ENVELOPE =
  `;(?: from=<(?<sender>${MAIL_ADDRESS})>)?(?: to=<${MAIL_ADDRESS}>)?` +
  '(?: proto=[A-Z0-9]{1,16})?(?: helo=<(?<helo>[^<>]{0,512})>)?';
/** The fields that Postfix 3.10 and later log for a SASL login. */
const LOGIN = '(?: sasl_method=[^ <>]{1,64})? sasl_username=(?<login>[^<>]{1,254}?)(?: sasl_sender=[^ <>]{0,254})?';
const MORE = '(?: [^<>;]{0,254})?';

const STAGES = ['CONNECT', 'HELO', 'EHLO', 'MAIL', 'RCPT', 'DATA', 'BDAT', 'END-OF-MESSAGE', 'VRFY', 'ETRN'];
const CLASSES = [
  'Recipient address',
  'Sender address',
  'Helo command',
  'Client host',
  'Unverified Client host',
  'Client certificate',
  'SASL login name',
  'Data command',
  'End-of-data',
  'Etrn command',
];

/** The blocks whose text the mail server alone writes. `<prefix:NAME>` is such a block, too. docs/filters.md explains each block. */
const SERVER_BLOCKS: Readonly<Record<string, string>> = {
  prefix: smtpdStart(POSTFIX_NAMES, 'none'),
  'queue-id': '(?<queueId>NOQUEUE|[0-9A-Za-z]{5,24})',
  stage: oneOf(STAGES),
  client: CLIENT,
  address: ADDRESS,
  'local-address': `(?:${ADDRESS_TEXT})`,
  number: '(?:[0-9]{1,20})',
  id: '(?:[A-Za-z0-9+/=_.-]{1,128})',
  class: oneOf(CLASSES),
  reply: '[45][0-9]{2} (?:[45]\\.[0-9]{1,3}\\.[0-9]{1,3} )?',
};

/** The blocks that hold text of the client. */
const CLIENT_BLOCKS: Readonly<Record<string, string>> = {
  more: MORE,
  envelope: ENVELOPE,
  login: LOGIN,
  rest: `(?:${MORE}${ENVELOPE}$|;| |$)`,
};

const BLOCKS: Readonly<Record<string, string>> = { ...SERVER_BLOCKS, ...CLIENT_BLOCKS };

/**
 * The origin of a part of a pattern. `server`: a block that the mail server alone writes. `setting`: a setting of the filter. `author`: any other
 * part.
 */
export type Origin = 'server' | 'setting' | 'author';

/** A pattern with its blocks written out. */
export interface Expanded {
  readonly text: string;
  /** The text for the checks. It has no `<prefix>` at its start: a prefix would be three quarters of the work, and has its own tests. */
  readonly outline: string;
  /** Converts an offset in the outline to an offset in the pattern as written. */
  readonly offsetOf: (offset: number) => number;
  /** Returns the origin of the part of the outline between two offsets. */
  readonly originOf: (start: number, end: number) => Origin;
  /** Puts the prefix back into an outline, or into a text that was made from it. */
  readonly withPrefix: (outline: string) => string;
  /** The program whose prefix begins the pattern; undefined for a pattern that does not begin with a prefix. */
  readonly program: string | undefined;
  /**
   * The `<prefix>` of the pattern in all forms, also in those that are rewritten (see usualForm), as the text of a regular expression without
   * assertions. It may match more lines than the prefix.
   */
  readonly prefix: string | undefined;
  /** The values of the settings that are used, as latin1. */
  readonly words: readonly string[];
}

/** Matches the next step through a pattern: an escape, a class, the start of a named group, or a block `<name>`. */
const STEP = /\\.|\[(?:\\.|[^\]\\])*\]|\(\?<|<(?<name>[a-z][a-z0-9-]*)(?::(?<argument>[A-Za-z0-9_.-]{1,64}))?>/gs;

/** Stands in an outline in place of the `<prefix>`. */
const NOTHING = '(?:)';

/** The program whose lines `<prefix>` matches. */
const SMTPD = 'smtpd';

/**
 * Expands the blocks of a pattern, and replaces `<name>` of each setting with its text. `names`: the names by which Postfix may mark its
 * lines, see smtpdStart. Throws the error of `fault` for an unknown block, and for a second client address.
 */
export function expand(
  pattern: string,
  settings: Readonly<Record<string, string>>,
  fault: Fault,
  names: readonly string[] = POSTFIX_NAMES,
): Expanded {
  const parts: { at: number; written: number; length: number; origin: Origin }[] = [];
  const words: string[] = [];
  let prefix: { readonly text: string; readonly plain: string; readonly program: string } | undefined;
  let outline = '';
  let done = 0;
  let client = false;
  for (const found of pattern.matchAll(STEP)) {
    const { name, argument } = found.groups ?? {};
    if (name === undefined) continue;
    const value = settings[name];
    let block = value === undefined ? blockOf(name, argument, names) : escape(latin1(value));
    if (block === undefined) {
      const isPython = pattern.endsWith('(?P', found.index);
      const advice = isPython
        ? `"(?P${found[0]}" is written "(?${found[0]}" in filters`
        : unknownBlock(found[0], name, Object.keys(settings));
      throw fault(advice, found.index);
    }
    if (value === undefined && (name === 'client' || name === 'address')) {
      if (client) throw fault(secondAddress(found[0]), found.index);
      client = true;
    }
    if (value !== undefined) words.push(latin1(value));
    outline += pattern.slice(done, found.index);
    done = found.index + found[0].length;
    if (name === 'prefix' && outline === '^' && !/[*+?{]/.test(pattern.charAt(done))) {
      prefix = prefixOf(argument ?? SMTPD, names);
      block = NOTHING;
    }
    parts.push({ at: outline.length, written: found.index, length: block.length, origin: originOf(name, value) });
    outline += block;
  }
  outline += pattern.slice(done);
  const withPrefix = (text: string): string => (prefix ? `^${prefix.text}${text.slice(1 + NOTHING.length)}` : text);
  const partAt = (offset: number) => parts.findLast((part) => part.at <= offset);
  return {
    text: withPrefix(outline),
    outline,
    withPrefix,
    program: prefix?.program,
    prefix: prefix?.plain,
    words,
    offsetOf: (offset) => {
      const part = partAt(offset);
      if (!part) return offset;
      const beyond = offset - part.at - part.length;
      return beyond < 0 ? part.written : pattern.indexOf('>', part.written) + 1 + beyond;
    },
    originOf: (start, end) => {
      const part = partAt(start);
      return part !== undefined && end <= part.at + part.length ? part.origin : 'author';
    },
  };
}

function originOf(name: string, value: string | undefined): Origin {
  if (value !== undefined) return 'setting';
  return Object.hasOwn(SERVER_BLOCKS, name) ? 'server' : 'author';
}

/** The prefix at the start of a pattern. In any other place, a prefix does not match lines with a cut name (see CutNames). */
function prefixOf(
  program: string,
  names: readonly string[],
): { readonly text: string; readonly plain: string; readonly program: string } {
  if (program === SMTPD) {
    return { text: smtpdStart(names, 'checked'), plain: `(?:${smtpdStart(names, 'any')}|${foreignSmtpd(names)})`, program };
  }
  const text = programStart(escape(program));
  return { text, plain: `(?:${text}|${foreignProgram(escape(program))})`, program };
}

function blockOf(name: string, argument: string | undefined, names: readonly string[]): string | undefined {
  if (argument !== undefined && argument !== SMTPD) return name === 'prefix' ? programStart(escape(argument)) : undefined;
  if (name === 'prefix') return smtpdStart(names, 'none');
  return Object.hasOwn(BLOCKS, name) ? BLOCKS[name] : undefined;
}

function unknownBlock(written: string, name: string, settings: readonly string[]): string {
  const known = [...Object.keys(BLOCKS), ...settings];
  const near = nearest(name, known);
  const advice = near !== undefined && near !== name ? `did you mean "<${near}>"?` : `known are ${known.join(', ')};`;
  return `unknown building block "${written}", ${advice} ("\\${written}" is the text itself)`;
}

function secondAddress(written: string): string {
  return `"${written}" is a second client address, one is allowed; use "<local-address>" for an address of the server, and a list of patterns for several forms of the line`;
}

const SERVER_WORDS = new Set([...STAGES, ...CLASSES]);

/** True for a text of the blocks `<stage>` and `<class>`. A pattern that lists some of these texts as alternatives counts as server text. */
export function isServerWord(text: string): boolean {
  return SERVER_WORDS.has(text);
}

function oneOf(words: readonly string[]): string {
  return `(?:${words.join('|')})`;
}

/** True for the name of a building block, which no setting may have. */
export function isBlock(name: string): boolean {
  return Object.hasOwn(BLOCKS, name);
}

/** Returns the UTF-8 bytes of a text as latin1, one character for each byte. Lines are matched in this form. */
export function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function escape(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}
