// Finds the lines of a batch that hold a literal. Only these lines are decoded.
import type { Millis } from '../../words/ports.ts';
import type { Batch, Envelopes, Unwrapped } from '../../words/walk.ts';
import { usualForm } from '../linestart/linestart.ts';
import { isRepeat, readBehind, unfolded, type Behind } from '../repeats.ts';
import { Finder, SHORT } from './finder.ts';

/** Literals to search for, in latin1. */
export class Literals {
  /** Short literals have a finder of their own: they would slow down the search for all literals. `numbers`: the indices of the literals. */
  readonly parts: readonly { readonly finder: Finder; readonly numbers: readonly number[] }[];

  /** Each literal has at least two characters. */
  constructor(literals: readonly string[]) {
    const texts = literals.map((literal) => Buffer.from(literal, 'latin1'));
    this.parts = [true, false].flatMap((short) => {
      const numbers = texts.flatMap((text, number) => (text.length < SHORT === short ? [number] : []));
      const own = numbers.flatMap((number) => texts[number] ?? []);
      return own.length > 0 ? [{ finder: new Finder(own), numbers }] : [];
    });
  }
}

/** The literals that are searched for in a source, and the jails whose filter is run on the lines that hold each of them. */
export interface Needles {
  readonly literals: Literals;
  /**
   * For each literal, ascending indices into the list of all jails. No index: the line may only be a near miss. Undefined: the literal is passed
   * over.
   */
  readonly jails: readonly (readonly number[] | undefined)[];
}

/** A line that holds a literal. */
export interface Line {
  /** The line in a usual form (see usualForm), as latin1, one character for each byte. It has no line end, and is cut at the limit. */
  readonly text: string;
  /** The line as it is written, as latin1, without its envelope. */
  readonly written: string;
  /** When the line was written, if its envelope shows that. Absent: the date in the line counts. */
  readonly dated?: Millis;
  /** The number of equal lines that this line stands for, see `unfolded`. */
  readonly times: number;
  /** Indices into the list of all jails, ascending. */
  readonly jails: readonly number[];
  readonly behind: Behind;
}

const NO_REPEATS: Behind = { repeats: [], open: false };

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/**
 * Finds the lines that hold a needle, in their order. A line ends only at `\n`. Envelopes are taken off, and a line that cannot be taken out of
 * its envelope is left out. At most `limit` bytes of each line are kept.
 */
export function findLines(
  { bytes, at: near, envelopes }: Pick<Batch, 'bytes' | 'at' | 'envelopes'>,
  needles: Needles,
  limit: number,
): readonly Line[] {
  return placesOf(bytes, needles).flatMap(({ start, end, jails }) => {
    const opened = openAt(bytes, start, end, limit, envelopes);
    if (!opened) return [];
    const { text: written, at } = opened;
    // A repeat can hold a literal. If each of many repeats read those behind it, the time would be quadratic.
    const behind = isRepeat(bytes, start) ? NO_REPEATS : readBehind(bytes, end + 1, near);
    const line = { ...unfolded(usualForm(written)), written, jails, behind };
    return at === undefined ? line : { ...line, dated: at };
  });
}

/**
 * A literal as it is searched in lines with escapes: its longest part without a character that an encoder of JSON may escape. A literal without
 * such a part of two characters is searched as it is.
 */
export function unescapedPart(literal: string): string {
  const [longest = ''] = literal.split(/[^A-Za-z0-9 !#$%()*,.:;=?@[\]^_{|}~-]/).toSorted((one, other) => other.length - one.length);
  return longest.length < 2 ? literal : longest;
}

/** The offsets at which the lines begin that hold a needle, ascending. */
export function startsOf(bytes: Buffer, needles: Needles): readonly number[] {
  return placesOf(bytes, needles).map(({ start }) => start);
}

/** A line that holds literals. */
interface Place {
  readonly start: number;
  readonly end: number;
  readonly jails: readonly number[];
}

/** The lines that hold a needle, in their order. The ends of a line are searched for once, however often it holds literals. */
function placesOf(bytes: Buffer, { literals: { parts }, jails }: Needles): readonly Place[] {
  const lines = new Map<number, { readonly end: number; readonly literals: Set<number> }>();
  for (const { finder, numbers } of parts) {
    let line = { end: -1, literals: new Set<number>() };
    let left = 0;
    for (let found = finder.next(bytes, 0); found;) {
      const { at, texts } = found;
      if (at > line.end) {
        const start = startOf(bytes, at);
        const newline = bytes.indexOf(NEWLINE, at);
        line = lines.get(start) ?? { end: newline < 0 ? bytes.length : newline, literals: new Set() };
        lines.set(start, line);
        left = numbers.length;
      }
      const before = line.literals.size;
      for (const text of texts) line.literals.add(numbers[text] ?? -1);
      left -= line.literals.size - before;
      // The rest of a line that holds every literal of the finder is skipped.
      found = finder.next(bytes, left === 0 ? line.end + 1 : at + 1);
    }
  }
  const sorted = parts.length > 1 ? [...lines].toSorted(([one], [other]) => one - other) : [...lines];
  return sorted.flatMap(([start, { end, literals }]) => {
    const own = [...literals].flatMap((literal) => (jails[literal] ? [jails[literal]] : []));
    return own.length > 0 ? [{ start, end, jails: unique(own) }] : [];
  });
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

/** The jails of several literals, each once, ascending. */
function unique(lists: readonly (readonly number[])[]): readonly number[] {
  const [first = [], ...more] = lists;
  return more.length > 0 ? [...new Set(lists.flat())].toSorted((one, other) => one - other) : first;
}
