// Makes text that somebody else wrote safe to show: on a terminal, in a log, on a page of a pager.

/**
 * Control characters (C0, DEL, C1), line and paragraph separators, lone surrogates, and what has no shape of its own (general category
 * Cf: zero-width and bidirectional marks, byte order marks, tags; the fillers of Hangul).
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/gu;

/** Returns the text with every character that could steer a terminal or hide itself written as `\u{...}`, cut after `limit` characters. */
export function printable(text: string, limit = 256): string {
  const shown = text.length > limit ? `${text.slice(0, limit)}...` : text;
  return shown.replaceAll(UNSAFE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/**
 * A value as one line of JSON that is safe to look at: the same characters are written as `\uHHHH`, so that it reads as the same value.
 */
export function printableJson(value: unknown): string {
  return (JSON.stringify(value) ?? 'null').replaceAll(UNSAFE, (character) => character.replaceAll(/[^]/g, escapeUnit));
}

/** One UTF-16 code unit as JSON can write it. */
function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
