// Finds the time near which the lines of an old log were written. It finds marks (places in the log with a known year), and cuts the lines at
// these marks.
import type { Millis } from '../../words/ports.ts';
import type { Chunks } from './chunks.ts';
import { RepeatedHours, type Piece } from './fold.ts';
import { ForwardYears, marksBefore, samplesIn, samplesOf, type Mark, type Sample } from './years.ts';

/**
 * A packed file of up to this size (bytes) is read twice, because the years of its lines are found from its end. A larger file and standard
 * input are read only once, forward. Then the years are right only for logs of less than a year.
 */
const READ_TWICE = 4_194_304;

/** The first of the two readings stops after this number of unpacked bytes, because a small packed file can hold a very large log. */
const MOST_UNPACKED = 268_435_456;

/** Distance in bytes between two samples of a log that is read forward. */
const FORWARD_STEP = 16_384;

/** Cuts the lines of one log into pieces, in order. All lines of a piece were written near one time. */
export class Dating {
  readonly #marks: Mark[];
  readonly #forward: ForwardYears | undefined;
  readonly #repeated = new RepeatedHours();
  #at: Millis;
  /** The time of the last piece. */
  #last: Millis;

  /** `marks`: the marks of the whole log; undefined when the log is read forward. `end`: no line was written after this instant. */
  constructor(marks: readonly Mark[] | undefined, end: Millis) {
    this.#marks = [...(marks ?? [])];
    this.#forward = marks ? undefined : new ForwardYears(end);
    this.#at = marks?.[0]?.at ?? end;
    this.#last = this.#at;
  }

  /** The time of the last piece; before the first piece, the time of the first mark or, without a mark, the end of the log. */
  get at(): Millis {
    return this.#last;
  }

  /** Cuts whole lines that begin at `offset` of the log. */
  *cut(lines: Buffer, offset: number): Generator<Piece> {
    for (const piece of this.#cutAtMarks(lines, offset)) {
      for (const part of this.#repeated.cut(piece)) {
        this.#last = part.at;
        yield part;
      }
    }
  }

  *#cutAtMarks(lines: Buffer, offset: number): Generator<Piece> {
    if (this.#forward) this.#marks.push(...this.#forward.marks(samplesIn(lines, offset, FORWARD_STEP)));
    let start = 0;
    for (let [mark] = this.#marks; mark && mark.offset < offset + lines.length; [mark] = this.#marks) {
      const end = Math.max(0, mark.offset - offset);
      if (end > start) yield { piece: lines.subarray(start, end), at: this.#at };
      start = Math.max(start, end);
      this.#at = mark.at;
      this.#marks.shift();
    }
    yield { piece: lines.subarray(start), at: this.#at };
  }
}

/**
 * Finds the marks of a whole log that ends at `end`; undefined when they cannot be found before the log is read. `again` opens the log a
 * second time. An error while the log is read this second time is not thrown.
 */
export async function findMarks(chunks: Chunks, again: () => Promise<Chunks>, end: Millis): Promise<readonly Mark[] | undefined> {
  const { size, readAt, compressed } = chunks;
  if (size === undefined || (compressed && size > READ_TWICE)) return undefined;
  if (readAt) return marksBefore(samplesOf(readAt, size), end);
  const samples: Sample[] = [];
  let offset = 0;
  try {
    for await (const chunk of await again()) {
      samples.push(...samplesIn(chunk, offset));
      offset += chunk.length;
      if (offset > MOST_UNPACKED) return undefined;
    }
  } catch {
    // The reading of the log itself reports the damage. Lines before the damage have samples.
  }
  return marksBefore(samples, end);
}
