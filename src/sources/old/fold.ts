// Finds the time of lines in the repeated hour. In autumn the clocks are set back, and one hour of local time passes twice. The order of the
// lines shows whether a line belongs to the first or to the second pass.
import { parseTimestamp } from '../../lib/text/timestamp.ts';
import type { Millis } from '../../words/ports.ts';
import { datedStart } from '../envelope/envelope.ts';
import { eachLine } from '../lines.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** Two changes of the offset from UTC are farther apart than this. */
const STEP = 20 * DAY;

/**
 * In the repeated hour, each line of a piece was written at most this long before or after the time of the piece (`at`). The date of the line
 * fits an instant of each pass. Of these two instants, the right one is nearer to `at` than the other one.
 */
const SPAN = 10 * MINUTE;

/** Lines of the first pass may be out of order by half the time by which the clocks are set back, but by at most this time. */
const TOLERANCE = 30 * MINUTE;

/** Characters at the start of a line that can hold its date, behind the name of a container. */
const HEAD = 200;

/** Lines that were written near one time. */
export interface Piece {
  readonly piece: Buffer;
  readonly at: Millis;
}

/** An instant at which the clocks were set back, and the time by which they were set back. */
interface Fold {
  readonly at: Millis;
  readonly shift: Millis;
}

/** The instants of the date of a line in the first and in the second pass. They are equal if the date occurs only once. */
interface Twofold {
  readonly first: Millis;
  readonly second: Millis;
}

/** Cuts those pieces of one log that hold lines of a repeated hour. Takes the pieces in order, and returns all other pieces as they are. */
export class RepeatedHours {
  /** The fold whose lines were seen last. */
  #fold: Fold | undefined;
  /** True when the lines have reached the second pass. */
  #second = false;
  /** The latest instant of the lines that were found to belong to the first pass. */
  #latest = Number.NEGATIVE_INFINITY;

  /** Cuts one piece. Lines outside of a repeated hour keep the time of the piece. */
  *cut({ piece, at }: Piece): Generator<Piece> {
    const fold = foldIn(piece, at);
    if (!fold) return yield { piece, at };
    if (this.#fold?.at !== fold.at) {
      this.#fold = fold;
      this.#second = false;
      this.#latest = Number.NEGATIVE_INFINITY;
    }
    let [start, end, near] = [0, 0, at];
    for (const line of eachLine(piece)) {
      const instant = this.#instantOf(line, fold) ?? at;
      if (end > start && (instant === at ? near !== at : Math.abs(instant - near) > SPAN)) {
        yield { piece: piece.subarray(start, end), at: near };
        start = end;
      }
      if (end === start) near = instant;
      end += line.length;
    }
    yield { piece: piece.subarray(start), at: near };
  }

  /** The instant of a line of the repeated hour; undefined for any other line. */
  #instantOf(line: Buffer, fold: Fold): Millis | undefined {
    const times = twofold(line, fold);
    if (!times) return undefined;
    const { first, second } = times;
    if (first === second) {
      this.#second = first >= fold.at;
      return undefined;
    }
    if (first < this.#latest - Math.min(TOLERANCE, fold.shift / 2)) this.#second = true;
    if (this.#second) return second;
    this.#latest = Math.max(this.#latest, first);
    return first;
  }
}

/** The fold within or near the time of a piece; undefined for nearly all pieces. Reads only the first and the last line of the piece. */
function foldIn(piece: Buffer, at: Millis): Fold | undefined {
  const last = piece.subarray(piece.lastIndexOf(0x0a, piece.length - 2) + 1);
  const from = timeOf(piece, at) ?? at - STEP;
  const to = timeOf(last, at) ?? at + STEP;
  const end = Math.max(from, to) + DAY / 4;
  for (let time = Math.min(from, to) - DAY / 4; time < end; time += STEP) {
    const fold = foldBetween(time, Math.min(end, time + STEP));
    if (fold) return fold;
  }
  return undefined;
}

/** The fold between two instants that are less than STEP apart. */
function foldBetween(from: Millis, to: Millis): Fold | undefined {
  const shift = offsetAt(from) - offsetAt(to);
  if (shift <= 0) return undefined;
  let [before, after] = [from, to];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetAt(middle) === offsetAt(from)) before = middle;
    else after = middle;
  }
  return { at: after, shift };
}

/**
 * Reads the date of a line twice: near the start of the first pass for its instant in the first pass, and near the end of the second pass for
 * its instant in the second pass. Undefined for a line without a date.
 */
function twofold(line: Buffer, { at, shift }: Fold): Twofold | undefined {
  const first = timeOf(line, at - shift);
  const second = timeOf(line, at + shift);
  return first === undefined || second === undefined ? undefined : { first, second };
}

function timeOf(line: Buffer, near: Millis): Millis | undefined {
  return parseTimestamp(datedStart(line.toString('latin1', 0, HEAD)), near)?.at;
}

/** Milliseconds that local time is ahead of UTC at an instant. */
function offsetAt(at: Millis): Millis {
  return -new Date(at).getTimezoneOffset() * MINUTE;
}
