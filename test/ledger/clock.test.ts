import { beforeEach, describe, expect, it } from 'vitest';
import { LedgerError } from '../../src/errors.ts';
import { ClockWatch, type Move } from '../../src/ledger/clock.ts';
import type { Millis } from '../../src/words/ports.ts';
import { HOUR, MINUTE, NOON, SECOND } from '../support/decision/words.ts';

/** Runs a `ClockWatch` with two clocks that the test controls, and records how the `ClockWatch` moves the ends of bans. */
class Watched {
  wall = NOON;
  /** A steady clock may begin at any number, so this clock does not begin at zero. */
  passed = 5 * HOUR;
  readonly notices: string[] = [];
  readonly inMemory: [by: Millis, after: Millis][] = [];
  readonly inFile: [by: Millis, after: Millis][] = [];
  /** The moves of whole bans in the file. */
  readonly whole: [by: Millis, from: Millis][] = [];
  /** True while the file cannot be written. */
  full = false;
  readonly #watch = new ClockWatch({
    clock: () => this.wall,
    steady: () => this.passed,
    log: { debug() {}, info() {}, warn() {}, error() {}, notice: (text) => void this.notices.push(text) },
  });

  pass(millis: Millis): this {
    this.wall += millis;
    this.passed += millis;
    return this;
  }

  /** Moves the wall clock by `step`, and lets the `ClockWatch` notice the step. */
  set(step: Millis): this {
    this.wall += step;
    this.follow();
    return this;
  }

  follow(): void {
    this.#watch.follow(
      (move) => this.#note(move, this.inMemory),
      (moves) => {
        if (this.full) throw new LedgerError('full');
        for (const move of moves) this.#note(move, this.inFile, this.whole);
      },
    );
  }

  #note(move: Move, ends: [by: Millis, after: Millis][], whole: [by: Millis, from: Millis][] = []): void {
    if (move.kind === 'ends') ends.push([move.by, move.after]);
    else whole.push([move.by, move.from]);
  }

  get mayBeAhead(): boolean {
    return this.#watch.mayBeAhead;
  }

  /** The sums of all moves of ends, in memory and in the file. */
  get moved(): { readonly inMemory: Millis; readonly inFile: Millis } {
    return { inMemory: sum(this.inMemory), inFile: sum(this.inFile) };
  }
}

const sum = (moves: readonly (readonly [Millis, Millis])[]): Millis => moves.reduce((all, [by]) => all + by, 0);

let watched: Watched;

beforeEach(() => {
  watched = new Watched();
});

const both = (millis: Millis): object => ({ inMemory: millis, inFile: millis });

describe('ClockWatch', () => {
  it('moves no end while the wall clock and the steady clock advance equally', () => {
    for (let hour = 0; hour < 5; hour += 1) watched.pass(HOUR).follow();
    expect([watched.inMemory, watched.inFile]).toEqual([[], []]);
  });

  it('follows a step of two seconds, and smaller steps as soon as their sum is two seconds', () => {
    watched.pass(MINUTE).set(-2 * SECOND + 1);
    expect(watched.moved).toEqual(both(0));
    watched.pass(MINUTE).set(-1);
    expect(watched.moved).toEqual(both(-2 * SECOND));
    expect(watched.notices).toEqual(['the clock was set back by 2s; the ends of bans move with it']);
    for (let minute = 0; minute < 10; minute += 1) watched.pass(MINUTE).set(-SECOND);
    expect(watched.moved).toEqual(both(-12 * SECOND));
  });

  it('moves no end when small steps cancel each other', () => {
    for (let minute = 0; minute < 10; minute += 1) watched.pass(MINUTE).set(minute % 2 === 0 ? -SECOND : SECOND);
    expect(watched.moved).toEqual(both(0));
  });

  it('moves ends back when the clock is set back, even ends between the new and the old time', () => {
    watched.pass(MINUTE).set(-HOUR);
    const now = NOON + MINUTE - HOUR;
    expect([watched.inMemory, watched.inFile]).toEqual([[[-HOUR, now]], [[-HOUR, now]]]);
  });

  it('moves ends forward when the clock is set forward after a step back, by at most the step back', () => {
    watched.set(-HOUR).pass(MINUTE);
    const before = watched.wall;
    watched.set(3 * HOUR);
    expect(watched.inFile[1]).toEqual([HOUR, before]);
    expect(watched.moved).toEqual(both(0));
    expect(watched.notices).toEqual([
      'the clock was set back by 1h; the ends of bans move with it',
      'the clock was set forward by 3h; the ends of bans move with it',
    ]);
  });

  it('moves ends forward again even when the clock is set forward hours after the step back', () => {
    watched
      .set(-HOUR)
      .pass(5 * HOUR)
      .set(HOUR);
    expect(watched.moved).toEqual(both(0));
  });

  it('moves no end when the clock is set forward, in one step or in two', () => {
    watched.set(HOUR).pass(MINUTE).set(HOUR);
    expect([watched.moved, watched.notices]).toEqual([both(0), []]);
  });

  it('moves no end when a step forward is undone within an hour', () => {
    watched.set(HOUR).pass(HOUR).set(-HOUR);
    expect(watched.moved).toEqual(both(0));
  });

  it('moves the bans that began while the clock was ahead with a step back that undoes it', () => {
    watched
      .set(10 * HOUR)
      .pass(MINUTE)
      .set(-10 * HOUR);
    expect(watched.whole).toEqual([[-10 * HOUR, NOON + 10 * HOUR - SECOND]]);
    expect(watched.notices).toEqual(['the clock was set back by 10h; bans that were made while it was ahead move with it']);
  });

  it('takes a step back for the undoing of a step forward, and for an hour, when a moment is missing', () => {
    watched
      .set(HOUR)
      .pass(MINUTE)
      .set(-HOUR - 3);
    expect(watched.moved).toEqual(both(0));
    expect(watched.notices).toEqual(['the clock was set back by 1h; bans that were made while it was ahead move with it']);
    watched.pass(MINUTE).set(-HOUR + 3);
    expect(watched.notices[1]).toBe('the clock was set back by 1h; the ends of bans move with it');
  });

  it('undoes steps forward one by one, and in part', () => {
    watched
      .set(HOUR)
      .pass(MINUTE)
      .set(3 * HOUR)
      .pass(MINUTE)
      .set(-2 * HOUR)
      .pass(MINUTE)
      .set(-2 * HOUR);
    // The second step was set at some time since the clocks were last compared.
    const [first, second] = [NOON + HOUR - SECOND, NOON + 4 * HOUR - SECOND];
    expect(watched.whole).toEqual([
      [-2 * HOUR, second],
      [-HOUR, second],
      [-HOUR, first],
    ]);
    expect(watched.moved).toEqual(both(0));
  });

  it('moves all ends, after the bans of the time ahead, when a step back exceeds the step forward', () => {
    watched
      .set(HOUR)
      .pass(MINUTE)
      .set(-3 * HOUR);
    expect([watched.whole.map(([by]) => by), watched.moved]).toEqual([[-HOUR], both(-2 * HOUR)]);
  });

  it('may be ahead for an hour after a step forward', () => {
    expect(watched.mayBeAhead).toBe(false);
    watched.set(HOUR);
    expect(watched.pass(HOUR).mayBeAhead).toBe(true);
    expect(watched.pass(1).mayBeAhead).toBe(false);
    watched.set(-HOUR).set(HOUR);
    expect(watched.mayBeAhead).toBe(false);
  });

  it('moves ends when the clock is set back more than an hour after a step forward', () => {
    watched
      .set(HOUR)
      .pass(HOUR + 1)
      .set(-HOUR);
    expect(watched.moved).toEqual(both(-HOUR));
  });

  it('moves no end when two steps forward are undone within an hour after the second step', () => {
    watched
      .set(HOUR)
      .pass(40 * MINUTE)
      .set(HOUR)
      .pass(40 * MINUTE)
      .set(-2 * HOUR);
    expect(watched.moved).toEqual(both(0));
  });

  it('moves ends by the difference when a step back is larger than the step forward before it', () => {
    watched
      .set(HOUR)
      .pass(MINUTE)
      .set(-3 * HOUR);
    expect(watched.moved).toEqual(both(-2 * HOUR));
  });

  it('moves ends in memory at once, and ends in the file as soon as the file can be written', () => {
    watched.full = true;
    expect(() => watched.set(-HOUR)).toThrow('full');
    const now = watched.wall;
    watched.pass(MINUTE);
    expect(() => watched.follow()).toThrow('full');
    expect([watched.inMemory, watched.inFile]).toEqual([[[-HOUR, now]], []]);
    watched.full = false;
    watched.pass(MINUTE).follow();
    watched.pass(MINUTE).follow();
    expect([watched.inMemory, watched.inFile]).toEqual([[[-HOUR, now]], [[-HOUR, now]]]);
  });

  it('moves the ends in the file by the sum of the steps that could not be written', () => {
    watched.full = true;
    expect(() => watched.set(-HOUR)).toThrow('full');
    expect(() => watched.pass(MINUTE).set(-MINUTE)).toThrow('full');
    watched.full = false;
    watched.pass(MINUTE).follow();
    expect(watched.inFile.map(([by]) => by)).toEqual([-HOUR - MINUTE]);
  });

  it('does not change the file when a step forward undoes the step back before the file can be written', () => {
    watched.full = true;
    expect(() => watched.set(-HOUR)).toThrow('full');
    expect(() => watched.pass(MINUTE).set(HOUR)).not.toThrow();
    watched.full = false;
    watched.follow();
    expect(watched.moved).toEqual(both(0));
    expect(watched.inFile).toEqual([]);
  });

  it('moves no end when there is no steady clock', () => {
    let wall = NOON;
    const watch = new ClockWatch({ clock: () => wall, log: { debug() {}, info() {}, notice() {}, warn() {}, error() {} } });
    wall -= HOUR;
    const moves: Millis[] = [];
    watch.follow(
      ({ by }) => moves.push(by),
      (made) => moves.push(...made.map(({ by }) => by)),
    );
    expect(moves).toEqual([]);
  });
});
