// Detects that the wall clock was set. The ledger needs this, because the ends of bans are dates.
import { formatDuration } from '../lib/text/duration.ts';
import type { Clock, Log, Millis } from '../words/ports.ts';

/**
 * The wall clock was set when it differs from the elapsed time by at least this much. Smaller steps are
 * detected as soon as their sum is this large. NTP causes no difference, because it changes the speed of both clocks.
 */
const STEP: Millis = 2000;

/** A step back within this time undoes an earlier step forward. After this time, the step forward counts as correct. */
const MEMORY: Millis = 3_600_000;

/** A sum of steps of less than a second counts as zero. Also the precision of the dates of lines, which may lack the part of the second. */
const SECOND: Millis = 1000;

/** The maximum number of steps forward that can be undone one by one. */
const MOST_STEPS = 100;

/**
 * Moves bans by some milliseconds. `ends`: moves only ends, those that are later than `after`. `whole`: moves the beginnings and ends of bans that
 * began at `from` or later, while the clock was ahead.
 */
export type Move =
  | { readonly kind: 'ends'; readonly by: Millis; readonly after: Millis }
  | { readonly kind: 'whole'; readonly by: Millis; readonly from: Millis };

/**
 * Compares the wall clock with a clock that only goes forward. There are three cases:
 *
 *                                           time left of a ban         end of the ban
 *   set back         ----.                  stays                      moves back with the clock, and forward again when
 *                         `-----                                       the clock is set forward again
 *
 *   set forward           ,-----            is shorter by the step,    stays, so that bans that are over by the new time end
 *                    ----'                  which may be real time
 *
 *   set forward and       ,-.               stays                      stays; a ban that was made meanwhile moves back with the
 *   back within 1 h  ----'   `---                                      clock
 */
export class ClockWatch {
  readonly #clock: Clock;
  readonly #steady: Clock | undefined;
  readonly #log: Log;
  /** Both clocks at the last step; `#looked`: the wall clock at the last call. */
  #wall: Millis;
  #passed: Millis;
  #looked: Millis;
  /** The sum of the steps that may still be undone, and the time of the last step by the steady clock. */
  #set: Millis = 0;
  #setAt: Millis = 0;
  /** The steps forward in this sum. Bans that were made after a step began at its `from` or later. */
  #forward: { readonly by: Millis; readonly from: Millis }[] = [];
  /** Moves that are still to be made in the file, because the file could not be written. */
  #owed: readonly Move[] = [];

  /** `steady`: a monotonic clock, in milliseconds from any start. Without `steady`, no step of the wall clock is detected. */
  constructor(ports: { readonly clock: Clock; readonly steady?: Clock; readonly log: Log }) {
    this.#clock = ports.clock;
    this.#steady = ports.steady;
    this.#log = ports.log;
    this.#wall = ports.clock();
    this.#looked = this.#wall;
    this.#passed = ports.steady?.() ?? 0;
  }

  /** True while a step forward may still be undone. Then a row that is old by this clock may be new. */
  get mayBeAhead(): boolean {
    return this.#set > 0 && (this.#steady?.() ?? 0) - this.#setAt <= MEMORY;
  }

  /**
   * When the clock was set since the last call, moves bans. In memory they are moved once; in the file, each call tries until it succeeds.
   */
  follow(inMemory: (move: Move) => void, inFile: (moves: readonly Move[]) => void): void {
    if (!this.#steady) return;
    const [wall, passed] = [this.#clock(), this.#steady()];
    const step = Math.round(wall - this.#wall - (passed - this.#passed));
    if (Math.abs(step) >= STEP) {
      this.#wall = wall;
      this.#passed = passed;
      for (const move of this.#movesFor(step, wall, passed)) {
        inMemory(move);
        this.#owed = withMove(this.#owed, move);
      }
    }
    this.#looked = wall;
    if (this.#owed.length > 0) inFile(this.#owed);
    this.#owed = [];
  }

  #movesFor(step: Millis, wall: Millis, passed: Millis): readonly Move[] {
    if (this.#set > 0 && passed - this.#setAt > MEMORY) this.#set = 0;
    if (this.#set <= 0) this.#forward = [];
    const before = this.#set;
    const sum = before + step;
    // The two clocks are read one after the other, so a step back is rarely exactly as long as the steps that it undoes.
    this.#set = Math.abs(sum) < SECOND ? 0 : sum;
    this.#setAt = passed;
    const moves: Move[] = this.#undo(Math.min(before, -step));
    if (step > 0 && this.#set > 0) this.#advance(Math.min(step, this.#set), this.#looked + step - SECOND);
    // After a step back, ends that have passed move too. Otherwise they would lie in the future again.
    const by = Math.min(0, this.#set) - Math.min(0, before);
    if (by !== 0) moves.push({ kind: 'ends', by, after: Math.min(wall, wall - step) });
    const how = `set ${step < 0 ? 'back' : 'forward'} by ${formatDuration(Math.round(Math.abs(step) / SECOND) * SECOND)}`;
    if (by !== 0) this.#log.notice(`the clock was ${how}; the ends of bans move with it`);
    else if (moves.length > 0) this.#log.notice(`the clock was ${how}; bans that were made while it was ahead move with it`);
    return moves;
  }

  #advance(by: Millis, from: Millis): void {
    this.#forward.push({ by, from });
    if (this.#forward.length > MOST_STEPS) this.#forward.shift();
  }

  /** Takes back steps forward, the last one first. */
  #undo(span: Millis): Move[] {
    const moves: Move[] = [];
    for (let left = span; left > 0;) {
      const last = this.#forward.pop();
      if (!last) break;
      const { by, from } = last;
      const part = Math.min(by, left);
      moves.push({ kind: 'whole', by: -part, from });
      if (by > part) this.#forward.push({ by: by - part, from });
      left -= part;
    }
    return moves;
  }
}

/** Adds a move. Two successive moves of ends become one move, or none when they cancel each other. */
function withMove(moves: readonly Move[], move: Move): readonly Move[] {
  const last = moves.at(-1);
  if (last?.kind !== 'ends' || move.kind !== 'ends') return [...moves, move];
  const by = last.by + move.by;
  return [...moves.slice(0, -1), ...(by === 0 ? [] : [{ ...move, by, after: Math.min(last.after, move.after) }])];
}
