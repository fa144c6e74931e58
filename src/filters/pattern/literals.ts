// Chooses the fixed texts that a batch is searched for. Every line that a filter can match holds one of its literals, so that a line
// without a literal is not decoded.
import { onlyCharacter, type Piece } from './syntax.ts';

/** The length of the shortest literal that several patterns share. A shorter text is in many lines, so each pattern has its own literal instead. */
const LONG_ENOUGH = 8;

/** The length of the shortest literal. Nearly every line holds a shorter text. */
export const SHORTEST = 3;

/** The runs of fixed characters that every match of the pattern contains. */
export function literalsOf(pattern: Piece): readonly string[] {
  const runs = [''];
  collect(pattern, runs);
  return runs.filter((run) => run.length >= SHORTEST);
}

function collect(piece: Piece, runs: string[]): void {
  switch (piece.kind) {
    case 'edge':
      return;
    case 'one': {
      const character = onlyCharacter(piece.of);
      if (character === undefined) runs.push('');
      else runs[runs.length - 1] += character;
      return;
    }
    case 'row':
      for (const one of piece.pieces) collect(one, runs);
      return;
    case 'capture':
      collect(piece.piece, runs);
      return;
    case 'choice':
      runs.push('');
      return;
    case 'repeat':
      runs.push('');
      if (piece.min > 0) collect(piece.piece, runs);
      runs.push('');
  }
}

/**
 * Chooses few literals, so that each pattern (given by its runs) contains one of them. If several literals are possible, a literal with a
 * word of the settings is preferred, because the operator's own words are the rarest in a log. Otherwise the longest literal is chosen.
 */
export function chooseLiterals(patterns: readonly (readonly string[])[], words: readonly string[]): readonly string[] {
  const groups: (readonly string[])[] = [];
  for (const runs of patterns) {
    const place = groups.findIndex((group) => best(common(group, runs), words).length >= LONG_ENOUGH);
    const group = groups[place];
    if (group) groups[place] = common(group, runs);
    else groups.push(runs);
  }
  return [...new Set(groups.map((group) => best(group, words)))];
}

function best(runs: readonly string[], words: readonly string[]): string {
  const rank = (run: string): number => run.length + (words.some((word) => run.includes(word)) ? 1e6 : 0);
  return runs.reduce((chosen, run) => (rank(run) > rank(chosen) ? run : chosen), '');
}

function common(some: readonly string[], others: readonly string[]): readonly string[] {
  return [...new Set(some.flatMap((one) => others.flatMap((other) => commonOf(one, other))))];
}

/** The texts that occur in both runs and cannot be extended on either side. */
function commonOf(one: string, other: string): string[] {
  const found: string[] = [];
  let before = new Uint16Array(other.length + 1);
  for (let row = 0; row <= one.length; row += 1) {
    const lengths = new Uint16Array(other.length + 1);
    for (let column = 1; column <= other.length; column += 1) {
      if (row < one.length && one[row] === other[column - 1]) lengths[column] = (before[column - 1] ?? 0) + 1;
    }
    // A common text that ends in the previous row, and that this row does not extend, has its full length.
    for (let column = 1; column <= other.length; column += 1) {
      const length = before[column] ?? 0;
      if (length >= SHORTEST && !(lengths[column + 1] ?? 0)) found.push(one.slice(row - length, row));
    }
    before = lengths;
  }
  return found;
}
