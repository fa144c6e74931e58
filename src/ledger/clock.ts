// Sees when somebody sets the wall clock. A part of the ledger: ends of bans are dates.
import { formatDuration } from '../lib/duration.ts';
import type { Clock, Log, Millis } from '../types.ts';

/** The wall clock is taken as set when it differs this much from what it should be; slower drift is the work of NTP. */
const STEP: Millis = 2000;

/** A clock that was set forward is expected to be set back, if it is a mistake, within this time. */
const MEMORY: Millis = 3_600_000;

/** Moves the ends of bans by so many milliseconds, if they are after `before`: the time before the clock was set. */
export type Move = (by: Millis, before: Millis) => void;

/**
 * Compares the wall clock with one that only goes forward. Set back, the ends of bans move with it, and back again when it is set forward
 * again. Set forward, they stay where they are: time has passed, for all that can be known; and so they do when that is taken back.
 */
export class ClockWatch {
  readonly #clock: Clock;
  readonly #steady: Clock | undefined;
  readonly #log: Log;
  #wall: Millis;
  #passed: Millis;
  /** How far the clock has been set in all, and when last (by the steady clock). */
  #set: Millis = 0;
  #setAt: Millis = 0;
  /** What the ends in the file have yet to be moved by. */
  #owed: Millis = 0;

  /** `steady`: milliseconds from any zero; without them the wall clock is believed. */
  constructor(ports: { readonly clock: Clock; readonly steady?: Clock; readonly log: Log }) {
    this.#clock = ports.clock;
    this.#steady = ports.steady;
    this.#log = ports.log;
    this.#wall = ports.clock();
    this.#passed = ports.steady?.() ?? 0;
  }

  /** When the clock was set since this was asked last, moves what is in memory once, and what is in the file until that succeeds. */
  follow(inMemory: Move, inFile: Move): void {
    if (!this.#steady) return;
    const [wall, passed] = [this.#clock(), this.#steady()];
    const step = wall - this.#wall - (passed - this.#passed);
    this.#wall = wall;
    this.#passed = passed;
    const by = Math.abs(step) < STEP ? 0 : this.#moveFor(step, passed);
    if (by !== 0) inMemory(by, wall - step);
    this.#owed += by;
    if (this.#owed === 0) return;
    inFile(this.#owed, wall - step);
    this.#owed = 0;
  }

  #moveFor(step: Millis, passed: Millis): Millis {
    if (this.#set > 0 && passed - this.#setAt > MEMORY) this.#set = 0;
    const before = Math.min(0, this.#set);
    this.#set += step;
    this.#setAt = passed;
    const by = Math.min(0, this.#set) - before;
    const how = step < 0 ? `set back by ${formatDuration(-step)}` : `set forward by ${formatDuration(step)}`;
    if (by !== 0) this.#log.notice(`the clock was ${how}; the ends of bans move with it`);
    return by;
  }
}
