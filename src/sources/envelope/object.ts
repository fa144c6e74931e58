// Reads a line that is one JSON object, as RFC 8259 defines it, and refuses an object whose writer may have mixed in text of a client.

/** The members of a JSON object. A Map has no inherited names, so a member `__proto__` or `constructor` has no effect. */
export type Members = ReadonlyMap<string, unknown>;

/**
 * Returns the members of the object; undefined for a text that is no JSON object. An object with one name twice is refused as well: a
 * template that does not escape quotes lets a client write a second member with a name of the first one.
 */
export function readObject(text: string): Members | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const members = new Map(Object.entries(value));
  return members.size === countMembers(text) ? members : undefined;
}

/** A member that is a text; undefined for a missing member and for any other value. */
export function textIn(members: Members, name: string): string | undefined {
  const value = members.get(name);
  return typeof value === 'string' ? value : undefined;
}

/** The number of members of a valid JSON object, without the members of objects in it: the colons outside of its texts and inner values. */
function countMembers(text: string): number {
  let [count, depth] = [0, 0];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') at = endOfText(text, at);
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    else if (character === ':' && depth === 1) count += 1;
  }
  return count;
}

/** The place of the quote that ends the text whose first quote is at `start`. */
function endOfText(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

/** Bytes below 0x20 and 0x7f, which no syslog daemon writes into a line. A tab is allowed. */
// oxlint-disable-next-line no-control-regex -- control characters are what it finds
const CONTROL = /[\0-\x08\n-\x1f\x7f]/;

/**
 * A text of JSON as a line, with one character for each byte of its UTF-8. One line end at its end is removed. Undefined for a text that has
 * further control characters, so that no text behind an escape `\n` is taken for the start of a line.
 */
export function lineIn(text: string): string | undefined {
  const line = text.replace(/\r?\n$/, '');
  return CONTROL.test(line) ? undefined : Buffer.from(line, 'utf8').toString('latin1');
}
