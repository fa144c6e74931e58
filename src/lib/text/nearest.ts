// Finds the word that an operator probably meant by an unknown word.
import { closestMatch } from 'leven';

/** A word with at least this number of characters may be the beginning of the intended word: `nft` of `nftables`. */
const BEGINNING = 3;

/** The longest word that is compared (characters). The time of a comparison grows with the square of the length. */
const LONGEST_WORD = 100;

/** The number of letters that may differ in a word, by default: one in a short word, else two, else every third letter. */
function differenceOf(word: string): number {
  return word.length < 4 ? 1 : Math.max(2, Math.floor(word.length / 3));
}

/**
 * The known word that the operator probably meant: the only word that begins with `word`, else the most similar word, which differs in at
 * most `maxDistance` letters. Undefined: none is similar.
 */
export function nearest(word: string, known: readonly string[], maxDistance = differenceOf(word)): string | undefined {
  if (word.length > LONGEST_WORD || known.length === 0) return undefined;
  const longer = word.length < BEGINNING ? [] : known.filter((name) => name.startsWith(word));
  return longer.length === 1 ? longer[0] : closestMatch(word, known, { maxDistance });
}
