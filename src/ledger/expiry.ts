// Bans end on time: one timer for the next end. A part of the ledger that the daemon starts and stops.
import { LedgerError, messageOf } from '../errors.ts';
import type { Ban, Clock, Log, Millis } from '../types.ts';

/** What the expiry is given; all but `clock` and `log` have defaults. */
export interface ExpiryPorts {
  /** The wall clock, which may be set. */
  readonly clock: Clock;
  readonly log: Log;
  /** Told of the bans that are over, already out of the ledger. */
  readonly ended: (bans: readonly Ban[]) => void;
  /** Calls back once after so many milliseconds; returns how to call it off. */
  readonly timer?: (millis: Millis, callback: () => void) => () => void;
}

/** What is asked of the ledger. */
export interface Ends {
  expired(): readonly Ban[];
  nextEnd(): Millis | undefined;
  followClock(): void;
}

/** The timer runs at most this long, so that a clock set forward is seen within a second (and below the limit of 2^31 ms). */
const LONGEST_WAIT: Millis = 1000;

/**
 * Ends each ban within a second of its time. A wall clock set forward ends what is over by the new time; one set back moves the ends
 * of the bans with it, as the timers in the kernel do: what was left of a ban is what is left.
 */
export class Expiry {
  readonly #ends: Ends;
  readonly #ports: Required<ExpiryPorts>;
  #cancel: (() => void) | undefined;
  #failing = false;
  #stopped = false;

  constructor(ends: Ends, ports: ExpiryPorts) {
    this.#ends = ends;
    this.#ports = { timer: startTimer, ...ports };
  }

  /** Ends what is over already, then waits. */
  start(): void {
    this.#stopped = false;
    this.#look();
  }

  /** Calls the timer off. */
  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #look(): void {
    let wait = LONGEST_WAIT;
    try {
      this.#ends.followClock();
      const bans = this.#due() ? this.#ends.expired() : [];
      const next = this.#ends.nextEnd();
      if (next !== undefined) wait = Math.min(LONGEST_WAIT, Math.max(1, next - this.#ports.clock()));
      if (bans.length > 0) this.#ports.ended(bans);
      this.#failing = false;
    } catch (thrown) {
      if (!(thrown instanceof LedgerError)) throw thrown;
      if (!this.#failing) this.#ports.log.error(`${messageOf(thrown)}; bans that are over stay until it can be`);
      this.#failing = true;
      wait = LONGEST_WAIT;
    }
    // `ended` may have stopped it.
    if (!this.#stopped) this.#cancel = this.#ports.timer(wait, () => this.#look());
  }

  #due(): boolean {
    const next = this.#ends.nextEnd();
    return next !== undefined && next <= this.#ports.clock();
  }
}

function startTimer(millis: Millis, callback: () => void): () => void {
  const timer = setTimeout(callback, millis);
  return () => clearTimeout(timer);
}
