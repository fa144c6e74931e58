// Ends bans on time, with one timer for the next end. The daemon starts and stops it.
import { LedgerError, messageOf } from '../errors.ts';
import type { Clock, Log, Millis } from '../words/ports.ts';
import type { Ban } from '../words/walk.ts';

/** The ports of the expiry. */
export interface ExpiryPorts {
  /** The wall clock, which may be set. */
  readonly clock: Clock;
  readonly log: Log;
  /** Gets the bans that have ended. They are no longer in the ledger. */
  readonly ended: (bans: readonly Ban[]) => void;
  /** Calls back once after some milliseconds; returns a function that cancels the call. Default: a timer of Node. */
  readonly timer?: (millis: Millis, callback: () => void) => () => void;
}

/** The part of the ledger that the expiry uses. */
export interface Ends {
  expired(): readonly Ban[];
  followClock(): void;
  readonly standing: { nextEnd(): Millis | undefined };
}

/** The timer waits at most this long, so that a step of the clock is detected within a second. */
const LONGEST_WAIT: Millis = 1000;

/**
 * Ends each ban within a second of its time. After the wall clock was set forward, bans that are over by the new time end. After it was set
 * back, the remaining time of each ban does not change, as with timers of the kernel.
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

  /** Ends bans that are over, then waits for the next end. */
  start(): void {
    this.#stopped = false;
    this.#look();
  }

  /** Cancels the timer. */
  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #look(): void {
    let wait = LONGEST_WAIT;
    try {
      this.#follow();
      const bans = this.#due() ? this.#ends.expired() : [];
      const next = this.#ends.standing.nextEnd();
      if (next !== undefined) wait = Math.min(LONGEST_WAIT, Math.max(1, next - this.#ports.clock()));
      if (bans.length > 0) this.#ports.ended(bans);
      this.#failing = false;
    } catch (thrown) {
      if (!(thrown instanceof LedgerError)) throw thrown;
      if (!this.#failing) this.#ports.log.error(`${messageOf(thrown)}; expired bans stay until the ledger can be used`);
      this.#failing = true;
      wait = LONGEST_WAIT;
    }
    // `ended` may have called `stop`.
    if (!this.#stopped) this.#cancel = this.#ports.timer(wait, () => this.#look());
  }

  /** Follows the clock. A LedgerError is ignored: the bans in memory are moved even if the file cannot be written, and must end on time. */
  #follow(): void {
    try {
      this.#ends.followClock();
    } catch (thrown) {
      if (!(thrown instanceof LedgerError)) throw thrown;
    }
  }

  #due(): boolean {
    const next = this.#ends.standing.nextEnd();
    return next !== undefined && next <= this.#ports.clock();
  }
}

function startTimer(millis: Millis, callback: () => void): () => void {
  const timer = setTimeout(callback, millis);
  return () => clearTimeout(timer);
}
