// The lines of a batch that hold a literal: only those are decoded.
import type { Batch } from '../../types.ts';
import type { Finder } from './finder.ts';
import { readBehind, type Behind } from './repeats.ts';

/** One literal, and the jails (by their place in the list of all) whose filter wants the lines that hold it. */
export interface Needle {
  readonly finder: Finder;
  readonly jails: readonly number[];
}

/** A line that holds a literal. */
export interface Line {
  /** Decoded as latin1, a character a byte; without its end, and cut at the limit. */
  readonly text: string;
  readonly jails: readonly number[];
  readonly behind: Behind;
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** Finds the lines that hold a needle, in their order. Lines end at `\n` and nowhere else; at most `limit` bytes of each are decoded. */
export function findLines(
  { bytes, at: near }: Pick<Batch, 'bytes' | 'at'>,
  needles: readonly Needle[],
  limit: number,
): readonly Line[] {
  const places = new Map<number, { end: number; jails: number[] }>();
  for (const needle of needles) {
    for (let at = needle.finder.indexOf(bytes, 0); at >= 0;) {
      const start = at === 0 ? 0 : bytes.lastIndexOf(NEWLINE, at - 1) + 1;
      const newline = bytes.indexOf(NEWLINE, at);
      const end = newline < 0 ? bytes.length : newline;
      const place = places.get(start);
      if (place) place.jails.push(...needle.jails);
      else places.set(start, { end, jails: [...needle.jails] });
      at = needle.finder.indexOf(bytes, end);
    }
  }
  const sorted = needles.length > 1 ? [...places].toSorted(([one], [other]) => one - other) : [...places];
  return sorted.map(([start, { end, jails }]) => ({
    text: textOf(bytes, start, end, limit),
    jails: unique(jails),
    behind: readBehind(bytes, end + 1, near),
  }));
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
