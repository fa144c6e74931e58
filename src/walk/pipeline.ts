// Processes one source: turns its lines into hits, and passes the hits to Court. To understand the program, read this file and court.ts
// first.
import { setTimeout as pause } from 'node:timers/promises';
import type { Clock, Millis } from '../words/ports.ts';
import type { Batch, Hit, Missed, NearMiss, Source } from '../words/walk.ts';
import type { Court } from './court.ts';

/** The functions that a pipeline calls. */
export interface PipelineDoors {
  /** Turns lines into hits, without side effects. `missed` gets the near misses. */
  readonly match: (batch: Batch, missed?: Missed) => readonly Hit[];
  /** Gets the near misses of a source. Absent: near misses are not looked for. */
  readonly missed?: (source: string, misses: readonly NearMiss[]) => void;
  readonly court: Pick<Court, 'judge'>;
  /** True while the ledger cannot be written and the memory for unwritten hits is full: reading has to wait. */
  readonly full: () => boolean;
}

/** While no hits come, the cursor is recorded at most once in this time. After a crash, the lines since then are read again without harm. */
const CURSOR_INTERVAL: Millis = 5_000;

/** While the memory for unwritten hits is full, a write to the ledger is tried at this interval. */
const FULL_INTERVAL: Millis = 1_000;

const NONE: ReadonlyMap<string, string> = new Map();

/** Passes the lines of one source to `match`, and the hits to Court. */
export class Pipeline {
  readonly #source: Source;
  readonly #doors: PipelineDoors;
  readonly #clock: Clock;
  /** The latest cursor of each key that is not recorded yet, in the order in which the cursors must be recorded. */
  #cursors: ReadonlyMap<string, string> = NONE;
  /** When a cursor was last recorded, or when the run began at a recorded cursor. Undefined: no cursor has been recorded yet. */
  #cursorAt: Millis | undefined;

  constructor(source: Source, doors: PipelineDoors, ports: { readonly clock: Clock }) {
    this.#source = source;
    this.#doors = doors;
    this.#clock = ports.clock;
  }

  /**
   * Processes every batch after the cursor `from` until the signal aborts, then records the last cursor. Rejects when the source or Court
   * fails.
   */
  async run(from: string | undefined, signal: AbortSignal): Promise<void> {
    this.#cursorAt = from === undefined ? undefined : this.#clock();
    try {
      for await (const batch of this.#source.read(from, signal)) {
        this.#step(batch);
        while (this.#doors.full() && !signal.aborted) {
          await pause(FULL_INTERVAL, undefined, { signal, ref: false }).catch(() => {});
          this.#doors.court.judge([]);
        }
      }
    } finally {
      if (this.#cursors.size > 0) this.#judge([], this.#cursors);
    }
  }

  #step(batch: Batch): void {
    const { match, missed } = this.#doors;
    const hits = match(batch, missed && ((misses) => missed(this.#source.name, misses)));
    const cursors = this.#cursorsAfter(batch);
    if (hits.length > 0 || (cursors.size > 0 && this.#isCursorDue())) this.#judge(hits, cursors);
    else this.#cursors = cursors;
  }

  /** The cursors to record after a batch. The batch's own cursor is the last one, because it is recorded with the hits of the batch. */
  #cursorsAfter({ cursor, cursorKey = this.#source.name }: Batch): ReadonlyMap<string, string> {
    if (cursor === undefined) return this.#cursors;
    return new Map([...[...this.#cursors].filter(([key]) => key !== cursorKey), [cursorKey, cursor]]);
  }

  #judge(hits: readonly Hit[], cursors: ReadonlyMap<string, string>): void {
    const all = [...cursors].map(([source, cursor]) => ({ source, cursor }));
    for (const cursor of all.slice(0, -1)) this.#doors.court.judge([], cursor);
    this.#doors.court.judge(hits, all.at(-1));
    this.#cursors = NONE;
    this.#cursorAt = this.#clock();
  }

  /** True at once for the first cursor of a source, because without a recorded cursor a restart would begin at another place in the log. */
  #isCursorDue(): boolean {
    return this.#cursorAt === undefined || Math.abs(this.#clock() - this.#cursorAt) >= CURSOR_INTERVAL;
  }
}
