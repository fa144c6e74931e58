// Works out how long a ban lasts: `bantime` for the first offence, and longer for each further offence.
import type { Millis } from '../words/ports.ts';
import type { Past } from '../words/walk.ts';
import type { Increment } from './options.ts';

/**
 * Returns the number of the offence that a hit at `at` causes. It is 1 for the first offence. It is 1 again when more than `forget` lies
 * between the hit and the last offence, in either direction, because dates may be out of order. `forget` undefined: offences are never
 * forgotten.
 */
export function offenceNumber(past: Past, at: Millis, forget: Millis | undefined): number {
  if (past.lastOffence === undefined) return 1;
  if (forget !== undefined && Math.abs(at - past.lastOffence) > forget) return 1;
  return Math.min(past.offences + 1, Number.MAX_SAFE_INTEGER);
}

/** Returns the length of the ban for an offence (1, 2, ...), a finite number of milliseconds; null for a ban without an end. */
export function banTime(bantime: Millis | null, increment: Increment | undefined, offence: number): Millis | null {
  if (bantime === null || !increment) return bantime;
  const grown = bantime * increment.factor ** (offence - 1);
  const limit = Math.max(increment.max, bantime);
  return Math.round(grown < limit ? grown : limit);
}
