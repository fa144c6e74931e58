// Sees when somebody sets the wall clock back. A part of the ledger: ends of bans are dates.
import { formatDuration } from '../lib/duration.ts';
import type { Clock, Log, Millis } from '../types.ts';

/** The wall clock is taken as set back when it lags this much behind; slower drift is the work of NTP. */
const STEP: Millis = 2000;

/** Moves the ends of bans by so many milliseconds, if they are after `before`: the time before the clock was set. */
export type Move = (by: Millis, before: Millis) => void;

/** Compares the wall clock with one that only goes forward. */
export class ClockWatch {
  readonly #clock: Clock;
  readonly #steady: Clock | undefined;
  readonly #log: Log;
  #wall: Millis;
  #passed: Millis;
  /** How far the clock was set back (negative) without the ends in the file having moved. */
  #owed: Millis = 0;

  /** `steady`: milliseconds from any zero; without them the wall clock is believed. */
  constructor(ports: { readonly clock: Clock; readonly steady?: Clock; readonly log: Log }) {
    this.#clock = ports.clock;
    this.#steady = ports.steady;
    this.#log = ports.log;
    this.#wall = ports.clock();
    this.#passed = ports.steady?.() ?? 0;
  }

  /** When the clock was set back since this was asked last, moves what is in memory once, and what is in the file until that succeeds. */
  follow(inMemory: Move, inFile: Move): void {
    if (!this.#steady) return;
    const [wall, passed] = [this.#clock(), this.#steady()];
    const step = wall - this.#wall - (passed - this.#passed);
    this.#wall = wall;
    this.#passed = passed;
    if (step < -STEP) {
      this.#log.notice(`the clock was set back by ${formatDuration(-step)}; the ends of bans move with it`);
      this.#owed += step;
      inMemory(step, wall - step);
    }
    if (this.#owed === 0) return;
    inFile(this.#owed, wall - this.#owed);
    this.#owed = 0;
  }
}
