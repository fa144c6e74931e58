// Finds the lines of a batch that hold a literal. Only these lines are decoded.
import type { Batch } from '../../words/walk.ts';
import { usualForm } from '../linestart/linestart.ts';
import { readBehind, unfolded, type Behind } from '../repeats.ts';
import { Finder } from './finder.ts';

/** A literal, and the jails whose filter is run on the lines that hold it. */
export interface Needle {
  readonly finder: Finder;
  /** Indices into the list of all jails. */
  readonly jails: readonly number[];
}

/** A line that holds a literal. */
export interface Line {
  /** The line in a usual form (see usualForm), as latin1, one character for each byte. It has no line end, and is cut at the limit. */
  readonly text: string;
  /** The line as it is written, as latin1. */
  readonly written: string;
  /** How many equal lines it stands for. Its text is that of one of them. */
  readonly times: number;
  /** Indices into the list of all jails, ascending. */
  readonly jails: readonly number[];
  readonly behind: Behind;
}

/** Makes a needle from a literal, which is in latin1 and has at least one character. */
export function needleOf(literal: string, jails: readonly number[]): Needle {
  return { finder: new Finder(Buffer.from(literal, 'latin1')), jails };
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** Finds the lines that hold a needle, in their order. A line ends only at `\n`; at most `limit` bytes of each line are decoded. */
export function findLines(
  { bytes, at: near }: Pick<Batch, 'bytes' | 'at'>,
  needles: readonly Needle[],
  limit: number,
): readonly Line[] {
  const places = new Map<number, { end: number; jails: number[] }>();
  for (const needle of needles) {
    for (let at = needle.finder.indexOf(bytes, 0); at >= 0;) {
      const start = startOf(bytes, at);
      const newline = bytes.indexOf(NEWLINE, at);
      const end = newline < 0 ? bytes.length : newline;
      const place = places.get(start);
      if (place) place.jails.push(...needle.jails);
      else places.set(start, { end, jails: [...needle.jails] });
      at = needle.finder.indexOf(bytes, end);
    }
  }
  const sorted = needles.length > 1 ? [...places].toSorted(([one], [other]) => one - other) : [...places];
  return sorted.map(([start, { end, jails }]) => {
    const written = textOf(bytes, start, end, limit);
    return { ...unfolded(usualForm(written)), written, jails: unique(jails), behind: readBehind(bytes, end + 1, near) };
  });
}

/** The offsets at which the lines begin that hold a needle, ascending. */
export function startsOf(bytes: Buffer, needles: readonly Needle[]): readonly number[] {
  const starts = new Set<number>();
  for (const { finder } of needles) {
    for (let at = finder.indexOf(bytes, 0); at >= 0;) {
      starts.add(startOf(bytes, at));
      const newline = bytes.indexOf(NEWLINE, at);
      at = newline < 0 ? -1 : finder.indexOf(bytes, newline);
    }
  }
  return [...starts].toSorted((one, other) => one - other);
}

/** The offset at which the line begins that holds the byte at `at`. */
function startOf(bytes: Buffer, at: number): number {
  return at === 0 ? 0 : bytes.lastIndexOf(NEWLINE, at - 1) + 1;
}

/** Decodes a line without the NULs at its start: after a power failure, a file system leaves them where the next line begins. */
function textOf(bytes: Buffer, from: number, end: number, limit: number): string {
  let start = from;
  while (start < end && bytes[start] === 0) start += 1;
  const last = end > start && bytes[end - 1] === RETURN ? end - 1 : end;
  return bytes.toString('latin1', start, Math.min(last, start + limit));
}

function unique(jails: readonly number[]): readonly number[] {
  return jails.length > 1 ? [...new Set(jails)].toSorted((one, other) => one - other) : jails;
}
