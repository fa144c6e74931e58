// How long a ban lasts: the first offence, and the longer ones after it. A step of decision.
import type { Millis, Past } from '../types.ts';

/** How ban times grow from one offence to the next. */
export interface Increment {
  /** Each further ban is this many times as long as the one before it. */
  readonly factor: number;
  /** No growth beyond this; a first ban that is longer already stays as it is. */
  readonly max: Millis;
  /** After a quiet time this long the next offence counts as the first again. */
  readonly forget: Millis;
}

/**
 * Which offence a hit at `at` is: 1 for the first, and again after a quiet time of `forget`; without an increment they are counted
 * all the same. Dates out of order count by their distance.
 */
export function offenceNumber(past: Past, at: Millis, forget: Millis | undefined): number {
  if (past.lastOffence === undefined) return 1;
  if (forget !== undefined && Math.abs(at - past.lastOffence) > forget) return 1;
  return past.offences + 1;
}

/** Length of the ban of an offence (1, 2, ...) in milliseconds, always finite; null: for ever. */
export function banTime(bantime: Millis | null, increment: Increment | undefined, offence: number): Millis | null {
  if (bantime === null || !increment) return bantime;
  const grown = bantime * increment.factor ** (offence - 1);
  const limit = Math.max(increment.max, bantime);
  return Math.round(grown < limit ? grown : limit);
}
