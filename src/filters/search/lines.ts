// Finds the lines of a batch that hold a literal. Only these lines are decoded.
import type { Batch } from '../../words/walk.ts';
import { usualForm } from '../linestart/linestart.ts';
import { readBehind, unfolded, type Behind } from '../repeats.ts';
import { Finder, isSampled } from './finder.ts';

/** A literal, and the jails whose filter is run on the lines that hold it. */
export interface Needle {
  readonly text: Buffer;
  /** Indices into the list of all jails. Empty: the line may only be a near miss. */
  readonly jails: readonly number[];
}

/** The needles of a source, and the finders that find them: one finder for all needles that are long enough. */
export interface Search {
  readonly finders: readonly Finder[];
  /** The needles with jails. */
  readonly needles: readonly Needle[];
}

/** A line that holds a needle. */
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
  return { text: Buffer.from(literal, 'latin1'), jails };
}

/** Prepares a search for needles. */
export function searchFor(needles: readonly Needle[]): Search {
  const texts = needles.map(({ text }) => text);
  const sampled = texts.filter(isSampled);
  const finders = [
    ...(sampled.length > 0 ? [new Finder(...sampled)] : []),
    ...texts.filter((text) => !isSampled(text)).map((text) => new Finder(text)),
  ];
  return { finders, needles: needles.filter(({ jails }) => jails.length > 0) };
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** Finds the lines that hold a needle, in their order. A line ends only at `\n`; at most `limit` bytes of each line are decoded. */
export function findLines(
  { bytes, at: near }: Pick<Batch, 'bytes' | 'at'>,
  { finders, needles }: Search,
  limit: number,
): readonly Line[] {
  const places = new Map<number, number>();
  for (const finder of finders) {
    for (let at = finder.indexOf(bytes, 0); at >= 0;) {
      const newline = bytes.indexOf(NEWLINE, at);
      const end = newline < 0 ? bytes.length : newline;
      places.set(startOf(bytes, at), end);
      at = finder.indexOf(bytes, end);
    }
  }
  const sorted = finders.length > 1 ? [...places].toSorted(([one], [other]) => one - other) : [...places];
  return sorted.map(([start, end]) => {
    const written = textOf(bytes, start, end, limit);
    const line = bytes.subarray(start, end);
    const jails = needles.flatMap((needle) => (line.includes(needle.text) ? needle.jails : []));
    return { ...unfolded(usualForm(written)), written, jails: unique(jails), behind: readBehind(bytes, end + 1, near) };
  });
}

/** The offsets at which the lines begin that hold a needle, ascending. */
export function startsOf(bytes: Buffer, { finders }: Search): readonly number[] {
  const starts = new Set<number>();
  for (const finder of finders) {
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
