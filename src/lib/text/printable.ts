// Escapes characters that control a terminal or cannot be seen, so that a client's text can be shown on a terminal and in a log.

/**
 * Control characters (C0, DEL, C1), line and paragraph separators, lone surrogates, and characters without a shape: general category
 * Cf (zero-width and bidirectional marks, byte order marks, tags) and the fillers of Hangul.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/gu;

/** The text with each unsafe character written as `\u{...}`. A text of more than `limit` UTF-16 units is cut, and `...` replaces the rest. */
export function printable(text: string, limit = 256): string {
  const shown = text.length > limit ? `${text.slice(0, limit)}...` : text;
  return shown.replaceAll(UNSAFE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** A value as one line of JSON with each unsafe character written as `\uHHHH`, which every reader of JSON turns back into the character. */
export function printableJson(value: unknown): string {
  return (JSON.stringify(value) ?? 'null').replaceAll(UNSAFE, (character) => character.replaceAll(/[^]/g, escapeUnit));
}

/** The escape of one UTF-16 code unit in JSON. */
function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
