// Takes off a start of a line that is in no known form. The message behind it may be one of smtpd(8), or text of a client in the message of
// another program: what stands before the message decides.
import { SEVERITIES } from '../../../lib/text/level.ts';
import { startOfMessage } from './message.ts';

/** The longest start of a line in characters. */
const LONGEST = 300;

/** A start without the name of a program is shorter: a date, a host. */
const LONGEST_NAMELESS = 100;

/** The last key before the message in a line of JSON. A client writes other keys, such as the subject of a mail. */
const JSON_START = /^\s*\{.*"@?(?:log|message|msg|text|line|raw|event|content)"\s*:\s*"(?<head>[^"]*)$/is;

/** What a daemon or a template writes. Text of a client follows `=`, `<` or a quote. */
const PLAIN = /^(?:[^<>="']|<[A-Za-z0-9.]{1,20}>)*$/;

/** The end of the name of a program: its message has begun. */
const BEGUN = /:[ \t]|\]:/;

/** The words between the name of the program and its message: a level, or the message id of Solaris. */
const WORDS_BEHIND = new Set(['id', 'mail', 'user', 'daemon', ...SEVERITIES]);

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
