// Finds the years in an old log whose dates have no year. The order of the lines and the time of the last write to the log show the years.
import { parseTimestamp } from '../../lib/text/timestamp.ts';
import type { Millis } from '../../words/ports.ts';
import { datedStart } from '../envelope/envelope.ts';

/** A place in a log. Lines from `offset` to the next mark were written within half a year of `at`. */
export interface Mark {
  readonly offset: number;
  readonly at: Millis;
}

/** A line of the log whose date is read. */
export interface Sample {
  readonly offset: number;
  /** The first characters of the line, as latin1, without the name of a container. */
  readonly line: string;
}

const DAY = 86_400_000;
const HALF_YEAR = 182 * DAY;

/** Lines may be out of order, and clocks may be wrong, by up to this time. A date that goes back by more than this belongs to another year. */
const TOLERANCE = 2 * DAY;

/** A new mark is made when the date has moved by more than this time. */
const MARK_EVERY = 30 * DAY;

/** The number of samples of a large log, without its first line. */
const SAMPLES = 1024;

/** The distance in bytes between two samples of a small log. */
const SMALLEST_STEP = 4096;

/** The number of bytes in which the start of the next line is searched. Inside a longer line no sample is taken. */
const LONGEST = 4096;

/** Characters at the start of a line that can hold its date, behind the name of a container. */
const HEAD = 200;

/** Takes samples at equal distances from a log of `size` bytes, and one from its first line. */
export function samplesOf(readAt: (offset: number, length: number) => Buffer, size: number): Sample[] {
  const step = Math.max(SMALLEST_STEP, Math.ceil(size / SAMPLES));
  const samples: Sample[] = [{ offset: 0, line: datedStart(readAt(0, HEAD).toString('latin1')) }];
  for (let offset = step; offset < size; offset += step) {
    const sample = nextLine(readAt(offset, LONGEST), offset);
    if (sample) samples.push(sample);
  }
  return samples;
}

/** Takes samples at equal distances from a chunk that begins at the offset `base` of the log. The first line of the log is a sample, too. */
export function samplesIn(chunk: Buffer, base: number, step = SMALLEST_STEP): Sample[] {
  const samples: Sample[] = base === 0 ? [{ offset: 0, line: datedStart(chunk.toString('latin1', 0, HEAD)) }] : [];
  for (let start = base === 0 ? step : 0; start < chunk.length; start += step) {
    const sample = nextLine(chunk.subarray(start, start + LONGEST), base + start);
    if (sample) samples.push(sample);
  }
  return samples;
}

function nextLine(bytes: Buffer, offset: number): Sample | undefined {
  const start = bytes.indexOf(0x0a) + 1;
  return start > 0 && start < bytes.length
    ? { offset: offset + start, line: datedStart(bytes.toString('latin1', start, start + HEAD)) }
    : undefined;
}

/**
 * Finds the marks of a whole log that ends at `end` at the latest. It goes from the last line to the first. Each line gets the latest year
 * that keeps the lines in order.
 */
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

/**
 * Finds marks while a log is read once, forward. The first line gets the latest year before `end`. Each later line gets the earliest year
 * that keeps the lines in order.
 */
export class ForwardYears {
  readonly #end: Millis;
  #last: Millis | undefined;
  #marked = Number.NEGATIVE_INFINITY;

  constructor(end: Millis) {
    this.#end = end;
  }

  /** The marks in the samples of the next part of the log. */
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

  /** A date after the end shows that logs were joined in the wrong order. Its year is found like the year of the first line. */
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
  // For 29 February, the nearest leap year can be later than the limit.
  return at !== undefined && at > limit ? parseTimestamp(line, limit - 8 * HALF_YEAR)?.at : at;
}

function earliest(line: string, limit: Millis): Millis | undefined {
  const at = parseTimestamp(line, limit + HALF_YEAR)?.at;
  return at !== undefined && at < limit ? parseTimestamp(line, limit + 8 * HALF_YEAR)?.at : at;
}
