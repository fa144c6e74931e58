// Finds the hits and the near misses of a log with the numbers of their lines. Only lines that hold a literal of a filter, or of a near miss, are
// matched.
import type { Batch, Hit, Missed, NearMiss } from '../../words/walk.ts';

/** The functions of the matcher that a scan calls. */
interface ScanDoors {
  readonly match: (batch: Batch, missed: Missed, further: boolean) => readonly Hit[];
  readonly candidates: (batch: Batch) => readonly number[];
}

/** A line with hits (one hit for each jail, or several for a line that stands for several equal lines), or a near miss. */
interface HitLine {
  /** Counted from 1. */
  readonly line: number;
  readonly hits: readonly Hit[];
  readonly miss?: NearMiss | undefined;
}

const NEWLINE = 0x0a;

/** The scan of one log. */
export class Scan {
  readonly #doors: ScanDoors;
  /** True when the last line that was read had hits. The next line may report that it was repeated. */
  #open = false;
  /** The number of lines read so far. */
  lines = 0;

  constructor(doors: ScanDoors) {
    this.#doors = doors;
  }

  /** Returns the lines of the next batch that have hits or are near misses, in order. */
  next(batch: Batch): readonly HitLine[] {
    const { bytes, envelopes } = batch;
    const found: HitLine[] = [];
    const candidates = this.#doors.candidates(batch).values();
    let candidate = candidates.next();
    /** `lines` is the number of the lines before this offset. */
    let counted = 0;
    let further = false;
    // The line behind a hit may be `last message repeated 4 times`, which holds no literal.
    let start = this.#open ? 0 : (candidate.value ?? bytes.length);
    while (start < bytes.length) {
      this.lines += linesIn(bytes, counted, start) + 1;
      const newline = bytes.indexOf(NEWLINE, start);
      counted = newline < 0 ? bytes.length : newline + 1;
      const begin = start;
      let miss: NearMiss | undefined;
      const part: Batch = {
        ...batch,
        bytes: bytes.subarray(begin, counted),
        envelopes: envelopes && { ...envelopes, open: (from, to) => envelopes.open(begin + from, begin + to) },
      };
      const note: Missed = (misses) => {
        miss = misses[0];
      };
      const hits = this.#doors.match(part, note, further);
      further = true;
      this.#open = hits.length > 0;
      if (this.#open || miss) found.push({ line: this.lines, hits, miss });
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
