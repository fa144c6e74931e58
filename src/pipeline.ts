// The walk: bytes of whole lines -> hits -> verdicts -> one durable record -> bans in the firewall. The one file to read first, and the
// only place that calls the rooms in a row; each room's door is handed to it.
import { setTimeout as pause } from 'node:timers/promises';
import type { Ban, Batch, Clock, Hit, Millis, Past, Source, Subject, Verdict } from './types.ts';

/** The doors of the rooms, in the order in which a batch goes through them. */
export interface Doors {
  /** Lines to hits. Pure. */
  readonly match: (batch: Batch) => readonly Hit[];
  /** Hits to verdicts, given what the ledger knows. Pure. */
  readonly decide: (hits: readonly Hit[], past: Doors['past']) => readonly Verdict[];
  /** What the ledger knows of each of these. */
  readonly past: (asked: readonly Subject[]) => readonly Past[];
  /** Verdicts and cursor in one durable write, or in memory while there can be none; the bans that are newly in force. */
  readonly record: (verdicts: readonly Verdict[], cursor?: { source: string; cursor: string }) => readonly Ban[];
  /** True while nothing more should be recorded: memory is full and nothing can be written. */
  readonly full: () => boolean;
  /** Bans to the firewall. Never rejects: what fails is owed. */
  readonly enforce: (bans: readonly Ban[]) => void;
  /** Told of every verdict once it is recorded. */
  readonly report: (verdicts: readonly Verdict[]) => void;
}

/** A date further ahead of the clock than this is a wrong clock, and counts as now. */
const SKEW: Millis = 3_600_000;

/** A cursor alone, with no hit before it, is written this often: reading such lines again after a crash changes nothing. */
const CURSOR_INTERVAL: Millis = 5_000;

/** While the ledger is full, it is asked this often whether it can be written again. */
const FULL_INTERVAL: Millis = 1_000;

/** One source on its way through the rooms. */
export class Pipeline {
  readonly #source: Source;
  readonly #doors: () => Doors;
  readonly #clock: Clock;
  /** Where the next record says that reading stopped; undefined when that is written down already. */
  #cursor: string | undefined;
  /** When a cursor was recorded last; undefined: never, and the source has none from before. */
  #cursorAt: Millis | undefined;

  /** `doors` is asked once a batch, so that they can be exchanged between two batches. */
  constructor(source: Source, doors: () => Doors, ports: { readonly clock: Clock }) {
    this.#source = source;
    this.#doors = doors;
    this.#clock = ports.clock;
  }

  /** Walks every batch from the cursor on until the signal aborts; then writes down where it stopped. Rejects when the source does. */
  async run(from: string | undefined, signal: AbortSignal): Promise<void> {
    this.#cursorAt = from === undefined ? undefined : this.#clock();
    try {
      for await (const batch of this.#source.read(from, signal)) {
        this.#step(batch);
        while (this.#doors().full() && !signal.aborted) {
          await pause(FULL_INTERVAL, undefined, { signal, ref: false }).catch(() => {});
          this.#doors().record([]);
        }
      }
    } finally {
      if (this.#cursor !== undefined) this.#record([], this.#cursor);
    }
  }

  #step(batch: Batch): void {
    const doors = this.#doors();
    const hits = doors.match(batch).map((hit) => atMostNow(hit, this.#clock()));
    const verdicts = doors.decide(hits, doors.past);
    const cursor = batch.cursor ?? this.#cursor;
    if (verdicts.length > 0 || (cursor !== undefined && this.#isCursorDue())) this.#record(verdicts, cursor);
    else this.#cursor = cursor;
  }

  #record(verdicts: readonly Verdict[], cursor: string | undefined): void {
    const doors = this.#doors();
    const bans = doors.record(verdicts, cursor === undefined ? undefined : { source: this.#source.name, cursor });
    this.#cursor = undefined;
    this.#cursorAt = this.#clock();
    if (bans.length > 0) doors.enforce(bans);
    if (verdicts.length > 0) doors.report(verdicts);
  }

  /** The very first cursor at once: a restart without one would begin somewhere else. */
  #isCursorDue(): boolean {
    return this.#cursorAt === undefined || Math.abs(this.#clock() - this.#cursorAt) >= CURSOR_INTERVAL;
  }
}

function atMostNow(hit: Hit, now: Millis): Hit {
  return hit.at > now + SKEW ? { ...hit, at: now } : hit;
}
