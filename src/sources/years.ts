// The years of an old log whose dates have none: from the time when it was last written, and the order of its lines.
import { parseTimestamp } from '../lib/timestamp.ts';
import type { Millis } from '../types.ts';

/** From this offset on the lines are from about then: less than half a year away, up to the next mark. */
export interface Mark {
  readonly offset: number;
  readonly at: Millis;
}

/** A line somewhere in the log. */
export interface Sample {
  readonly offset: number;
  /** The start of it, as latin1. */
  readonly line: string;
}

const DAY = 86_400_000;
const HALF_YEAR = 182 * DAY;

/** Lines may be out of order by so much, and clocks wrong by so much; a date further back than this is of another year. */
const TOLERANCE = 2 * DAY;

/** A new mark is made when the date has moved by so much. */
const MARK_EVERY = 30 * DAY;

/** So many lines are looked at, of a large log. */
const SAMPLES = 1024;

/** Of a small one, one for each so many bytes. */
const SMALLEST_STEP = 4096;

/** A line longer than this is not looked at. */
const LONGEST = 4096;

/** Characters of a line that can hold its time. */
const HEAD = 80;

/** Lines at even distances, and the first one. */
export function samplesOf(readAt: (offset: number, length: number) => Buffer, size: number): Sample[] {
  const step = Math.max(SMALLEST_STEP, Math.ceil(size / SAMPLES));
  const samples: Sample[] = [{ offset: 0, line: readAt(0, HEAD).toString('latin1') }];
  for (let offset = step; offset < size; offset += step) {
    const sample = nextLine(readAt(offset, LONGEST), offset);
    if (sample) samples.push(sample);
  }
  return samples;
}

/** Lines at even distances in a chunk that begins at `base`; the first one when that begins a line. */
export function samplesIn(chunk: Buffer, base: number, step = SMALLEST_STEP): Sample[] {
  const samples: Sample[] = base === 0 ? [{ offset: 0, line: chunk.toString('latin1', 0, HEAD) }] : [];
  for (let start = base === 0 ? step : 0; start < chunk.length; start += step) {
    const sample = nextLine(chunk.subarray(start, start + LONGEST), base + start);
    if (sample) samples.push(sample);
  }
  return samples;
}

function nextLine(bytes: Buffer, offset: number): Sample | undefined {
  const start = bytes.indexOf(0x0a) + 1;
  return start > 0 && start < bytes.length
    ? { offset: offset + start, line: bytes.toString('latin1', start, start + HEAD) }
    : undefined;
}

/** Marks for a whole log that ends at `end` at the latest: walks from its last line to its first, each in the last year that keeps the order. */
export function marksBefore(samples: readonly Sample[], end: Millis): Mark[] {
  let limit = end;
  const all: Mark[] = [];
  for (const { offset, line } of samples.toReversed()) {
    const at = latest(line, limit + TOLERANCE);
    if (at === undefined) continue;
    all.push({ offset, at });
    limit = at;
  }
  return thinned(all.toReversed());
}

/** Goes forward through a log that is read once: the first line in the last year before `end`, each other in the first year that keeps the order. */
export class ForwardYears {
  readonly #end: Millis;
  #last: Millis | undefined;
  #marked = Number.NEGATIVE_INFINITY;

  constructor(end: Millis) {
    this.#end = end;
  }

  /** The marks in the next part of the log. */
  marks(samples: readonly Sample[]): Mark[] {
    const marks: Mark[] = [];
    for (const { offset, line } of samples) {
      const at = this.#dateOf(line);
      if (at === undefined) continue;
      this.#last = at;
      if (Math.abs(at - this.#marked) <= MARK_EVERY) continue;
      this.#marked = at;
      marks.push({ offset, at });
    }
    return marks;
  }

  /** What would come after the end must be out of order: logs put together the wrong way round. */
  #dateOf(line: string): Millis | undefined {
    const at = this.#last === undefined ? undefined : earliest(line, this.#last - TOLERANCE);
    return at === undefined || at > this.#end + TOLERANCE ? latest(line, this.#end + TOLERANCE) : at;
  }
}

function thinned(all: readonly Mark[]): Mark[] {
  const marks: Mark[] = [];
  for (const mark of all) {
    const before = marks.at(-1);
    if (!before || Math.abs(mark.at - before.at) > MARK_EVERY) marks.push(mark);
  }
  return marks;
}

function latest(line: string, limit: Millis): Millis | undefined {
  const at = parseTimestamp(line, limit - HALF_YEAR)?.at;
  // A leap day can be nearest in a year to come.
  return at !== undefined && at > limit ? parseTimestamp(line, limit - 8 * HALF_YEAR)?.at : at;
}

function earliest(line: string, limit: Millis): Millis | undefined {
  const at = parseTimestamp(line, limit + HALF_YEAR)?.at;
  return at !== undefined && at < limit ? parseTimestamp(line, limit + 8 * HALF_YEAR)?.at : at;
}
