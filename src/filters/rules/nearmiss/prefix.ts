// Takes off a start of a line that is in no known form. The message behind it may be one of smtpd(8), or text of a client in the message of
// another program: the text before the message decides.
import { SEVERITIES } from '../../../lib/text/level.ts';
import { startOfMessage } from './message.ts';

/** The longest start of a line in characters. */
const LONGEST = 300;

/** A start without the name of a program is shorter: a date, a host. */
const LONGEST_NAMELESS = 100;

/** The last key before the message in a line of JSON. Other keys, such as the subject of a mail, may have values of a client. */
const JSON_START = /^\s*\{.*"@?(?:log|message|msg|text|line|raw|event|content)"\s*:\s*"(?<head>[^"]*)$/is;

/** A text that only a daemon or a template has written. Text of a client would follow `=`, `<` or a quote. */
const PLAIN = /^(?:[^<>="']|<[A-Za-z0-9.]{1,20}>)*$/;

/** The end of the name of a program: its message has begun. */
const BEGUN = /:[ \t]|\]:/;

/** The words between the name of the program and its message: a level, or the message id of Solaris. */
const WORDS_BEHIND = new Set(['id', 'mail', 'user', 'daemon', ...SEVERITIES]);

/** The starts of lines in an envelope, and the value of the option `envelope` with which a source takes it off. */
const ENVELOPES: readonly (readonly [start: RegExp, envelope: string])[] = [
  [/^\{"log":"/, 'docker'],
  [/^\{.*"(?:syslogtag|PROGRAM)":/, 'json'],
  [/^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d) (?:stdout|stderr) [FP] /, 'cri'],
  [/^\d{4}-\d\d-\d\dT[\d:.]+Z (?:[A-Z][a-z]{2} [ \d]\d |\d{4}-\d\d-\d\dT)/, 'compose'],
  // oxlint-disable-next-line no-control-regex -- the colour of a name
  [/^(?:\x1b\[[\d;]*m)?[\w.-]+[-_]\d+ +\|/, 'compose'],
];

/** The envelope of a line from which none was taken off; undefined when there is none that Trapline knows. */
export function envelopeOf(line: string): string | undefined {
  return ENVELOPES.find(([start]) => start.test(line))?.[1];
}

/**
 * The message in a line whose start is in no known form. Undefined: the line holds no message, or it may be text of a client. `line`: in
 * latin1.
 */
export function messageBehind(line: string): string | undefined {
  const plain = line.replaceAll(/\\u003([ce])/gi, (_, code: string) => (code.toLowerCase() === 'c' ? '<' : '>'));
  const start = startOfMessage(plain);
  if (start < 0 || start > LONGEST) return undefined;
  const before = plain.slice(0, start);
  const json = JSON_START.exec(before)?.groups?.['head'];
  if (!isStart(json ?? before)) return undefined;
  const message = plain.slice(start);
  return json === undefined ? message.trimEnd() : message.replace(/(?:\\[nr])*".*$/s, '');
}

function isStart(head: string): boolean {
  if (!PLAIN.test(head)) return false;
  // A later name is text of a client, and so is a name behind a colon: another program has begun its message there.
  const name = head.indexOf('smtpd');
  if (name >= 0 && BEGUN.test(head.slice(0, name))) return false;
  if (name < 0) return head.length <= LONGEST_NAMELESS && !BEGUN.test(head);
  const words = head.slice(name + 'smtpd'.length).match(/[A-Za-z]+/g) ?? [];
  return words.every((word) => WORDS_BEHIND.has(word.toLowerCase()));
}
