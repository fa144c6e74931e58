// Which fixed texts to search a batch for, and the search: every line that a filter can match holds one of its literals, so that no other
// line is even decoded.
import { onlyCharacter, type Piece } from './syntax.ts';

/** A literal that several patterns share must be this long; below it each has one of its own. */
const LONG_ENOUGH = 8;

/** Shorter literals are in every line. */
export const SHORTEST = 3;

/** The runs of fixed characters that a match of this pattern contains, each of them in full. */
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
 * Chooses as few literals as possible so that each pattern (given by its runs) contains one of them. Of several that would do, one that
 * holds a word of the settings is taken, then the longest: the operator's own words are the rarest in a log.
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

/** The texts that two runs share and that cannot be made longer on either side. */
function commonOf(one: string, other: string): string[] {
  const found: string[] = [];
  let before = new Uint16Array(other.length + 1);
  for (let row = 0; row <= one.length; row += 1) {
    const lengths = new Uint16Array(other.length + 1);
    for (let column = 1; column <= other.length; column += 1) {
      if (row < one.length && one[row] === other[column - 1]) lengths[column] = (before[column - 1] ?? 0) + 1;
    }
    // Lengths of the row before that this one does not carry on are as long as they get.
    for (let column = 1; column <= other.length; column += 1) {
      const length = before[column] ?? 0;
      if (length >= SHORTEST && !(lengths[column + 1] ?? 0)) found.push(one.slice(row - length, row));
    }
    before = lengths;
  }
  return found;
}

/** One literal as bytes, and the jails (by their place in the list of all) whose filter wants the lines that hold it. */
export interface Needle {
  readonly bytes: Buffer;
  readonly jails: readonly number[];
}

/** A line that holds a literal. */
export interface Line {
  /** Decoded as latin1, a character a byte; without its end, and cut at the limit. */
  readonly text: string;
  /** Where its newline stands in the batch, or the batch's length. */
  readonly end: number;
  readonly jails: readonly number[];
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** Finds the lines that hold a needle, in their order. Lines end at `\n` and nowhere else; at most `limit` bytes of each are decoded. */
export function findLines(bytes: Buffer, needles: readonly Needle[], limit: number): readonly Line[] {
  const places = new Map<number, { end: number; jails: number[] }>();
  for (const needle of needles) {
    for (let at = bytes.indexOf(needle.bytes); at >= 0;) {
      const start = at === 0 ? 0 : bytes.lastIndexOf(NEWLINE, at - 1) + 1;
      const newline = bytes.indexOf(NEWLINE, at);
      const end = newline < 0 ? bytes.length : newline;
      const place = places.get(start);
      if (place) place.jails.push(...needle.jails);
      else places.set(start, { end, jails: [...needle.jails] });
      at = bytes.indexOf(needle.bytes, end);
    }
  }
  const sorted = needles.length > 1 ? [...places].toSorted(([one], [other]) => one - other) : [...places];
  return sorted.map(([start, { end, jails }]) => ({ text: textOf(bytes, start, end, limit), end, jails: unique(jails) }));
}

/** A file system that lost power leaves NULs where the next line begins. */
function textOf(bytes: Buffer, from: number, end: number, limit: number): string {
  let start = from;
  while (start < end && bytes[start] === 0) start += 1;
  const last = end > start && bytes[end - 1] === RETURN ? end - 1 : end;
  return bytes.toString('latin1', start, Math.min(last, start + limit));
}

function unique(jails: readonly number[]): readonly number[] {
  return jails.length > 1 ? [...new Set(jails)].toSorted((one, other) => one - other) : jails;
}
