// Finds the lines of a batch that hold a literal. Only these lines are decoded.
import type { Millis } from '../../words/ports.ts';
import type { Batch, Envelopes, Unwrapped } from '../../words/walk.ts';
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
  /** The line as it is written, as latin1, without its envelope. */
  readonly written: string;
  /** When the line was written, if its envelope shows that. Absent: the date in the line counts. */
  readonly dated?: Millis;
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

/**
 * Finds the lines that hold a needle, in their order. A line ends only at `\n`. Envelopes are taken off, and a line that cannot be taken out of
 * its envelope is left out. At most `limit` bytes of each line are kept.
 */
export function findLines(
  { bytes, at: near, envelopes }: Pick<Batch, 'bytes' | 'at' | 'envelopes'>,
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
  return sorted.flatMap(([start, { end, jails }]) => {
    const opened = openAt(bytes, start, end, limit, envelopes);
    if (!opened) return [];
    const { text: written, at } = opened;
    const line = { ...unfolded(usualForm(written)), written, jails: unique(jails), behind: readBehind(bytes, end + 1, near) };
    return at === undefined ? line : { ...line, dated: at };
  });
}

/** A literal as it is searched in lines with escapes: its longest part without a character that an encoder of JSON may escape. */
export function unescapedPart(literal: string): string {
  const [longest = ''] = literal.split(/[^A-Za-z0-9 !#$%()*,.:;=?@[\]^_{|}~-]/).toSorted((one, other) => other.length - one.length);
  return longest === '' ? literal : longest;
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

/**
 * Decodes a line, at most `limit` bytes of it, without the NULs at its start: after a power failure, a file system leaves them where the next
 * line begins.
 */
function openAt(bytes: Buffer, from: number, end: number, limit: number, envelopes: Envelopes | undefined): Unwrapped | undefined {
  let start = from;
  while (start < end && bytes[start] === 0) start += 1;
  const last = end > start && bytes[end - 1] === RETURN ? end - 1 : end;
  if (!envelopes) return { text: bytes.toString('latin1', start, Math.min(last, start + limit)) };
  const opened = envelopes.open(start, last);
  return opened && opened.text.length > limit ? { ...opened, text: opened.text.slice(0, limit) } : opened;
}

function unique(jails: readonly number[]): readonly number[] {
  return jails.length > 1 ? [...new Set(jails)].toSorted((one, other) => one - other) : jails;
}
