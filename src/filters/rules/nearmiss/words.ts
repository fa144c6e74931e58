// Decides whether the text of a table is nearly the text that a filter looks for.
import { nearest } from '../../../lib/text/nearest.ts';

/** The text that Postfix writes for a DISCARD without a text. */
export const BARE_DISCARD = 'triggers DISCARD action';

/** The shipped filters: the action and the beginning of the text of the lines that each filter takes. `what`: the action as a noun, for messages. */
export const SHIPPED: readonly {
  readonly action: string;
  readonly filter: string;
  readonly what: string;
  readonly begins: RegExp;
}[] = [
  { action: 'discard', filter: 'postfix-spamtrap', what: 'a discard', begins: /^triggers spamtrap(?: |$)/ },
  { action: 'reject', filter: 'postfix-reject-trap', what: 'a rejection', begins: /^(?:triggers )?spamtrap(?: |$)/ },
  {
    action: 'redirect',
    filter: 'postfix-redirect',
    what: 'a redirection',
    begins: /^triggers REDIRECT spamtrap(?:@[^ ]+)?(?: |$)/,
  },
];

/** The words of every trap, besides the words of the filter. */
const TRAP = 'spamtrap';

/** The longest text that is near. */
const LONGEST = 120;

/** The letters in which a text may differ. */
const DIFFERENCE = 2;

/** Words that Postfix writes, or that every table may have. */
const COMMON = new Set(['triggers', 'redirect', 'discard', 'action', 'rejected', 'access', 'denied', 'from', 'mail']);

/**
 * True when the text has a word of the filter's text, in any case and also within a longer word, or differs from it in two letters at most.
 * `wanted`: the text of the filter. A text with a quote, a colon or a bracket is no text of a table: Postfix quotes a recipient
 * (`unknown user: "spamtrap"`) or another server (`host ... said: ...`) in it.
 */
export function isNear(text: string, wanted: string): boolean {
  if (text.length > LONGEST || /[:"[\](]/.test(text)) return false;
  const letters = lettersOf(text);
  const words = wanted.split(/[\s@]+/).filter((word) => word.length > 3 && !COMMON.has(word.toLowerCase()));
  if ([TRAP, ...words].some((word) => letters.includes(lettersOf(word)))) return true;
  return nearest(text.toLowerCase(), [wanted.toLowerCase()], Math.min(DIFFERENCE, Math.floor(wanted.length / 4))) !== undefined;
}

/** A text in small letters, without blanks, dots, hyphens and underscores. */
function lettersOf(text: string): string {
  return text.toLowerCase().replaceAll(/[\s._-]+/g, '');
}
