// Finds the hits of a log with the numbers of their lines. Only lines that hold a literal of a filter are matched, as in a backfill.
import type { Batch, Hit } from '../../words/walk.ts';

/** The functions of the matcher that a scan calls. */
export interface ScanDoors {
  readonly match: (batch: Batch) => readonly Hit[];
  readonly candidates: (batch: Batch) => readonly number[];
}

/** A line with hits: one for each jail, or more for a line that stands for several equal ones. */
export interface HitLine {
  /** Counted from 1. */
  readonly line: number;
  readonly hits: readonly Hit[];
}

const NEWLINE = 0x0a;

/** The scan of one log. */
export class Scan {
  readonly #doors: ScanDoors;
  /** The last line that was matched had hits, and the batch ended behind it: the next line may repeat it. */
  #open = false;
  /** The number of lines read so far. */
  lines = 0;

  constructor(doors: ScanDoors) {
    this.#doors = doors;
  }

  /** Returns the lines of the next batch that have hits, in order. */
  next(batch: Batch): readonly HitLine[] {
    const { bytes, envelopes } = batch;
    const found: HitLine[] = [];
    const candidates = this.#doors.candidates(batch).values();
    let candidate = candidates.next();
    /** `lines` is the number of the lines before this offset. */
    let counted = 0;
    // The line behind a hit may be `last message repeated 4 times`, which holds no literal.
    let start = this.#open ? 0 : (candidate.value ?? bytes.length);
    while (start < bytes.length) {
      this.lines += linesIn(bytes, counted, start) + 1;
      const newline = bytes.indexOf(NEWLINE, start);
      counted = newline < 0 ? bytes.length : newline + 1;
      const begin = start;
      const hits = this.#doors.match({
        ...batch,
        bytes: bytes.subarray(begin, counted),
        envelopes: envelopes && { ...envelopes, open: (from, to) => envelopes.open(begin + from, begin + to) },
      });
      this.#open = hits.length > 0;
      if (this.#open) found.push({ line: this.lines, hits });
      while (!candidate.done && candidate.value < counted) candidate = candidates.next();
      start = this.#open ? counted : (candidate.value ?? bytes.length);
    }
    this.lines += linesIn(bytes, counted, bytes.length);
    if (counted < bytes.length) this.#open = false;
    return found;
  }
}

/** The number of lines between two offsets. A last line without a newline counts. */
function linesIn(bytes: Buffer, from: number, to: number): number {
  let count = 0;
  let start = from;
  while (start < to) {
    const newline = bytes.indexOf(NEWLINE, start);
    start = newline < 0 ? to : newline + 1;
    count += 1;
  }
  return count;
}
