// Decides when a firewall is compared with the ledger after a change of the firewall was reported.
import type { Millis } from '../../words/ports.ts';

/** The comparison comes this long after a change, so that a program that makes several changes can finish. */
const SETTLE: Millis = 50;

/** The shortest time between two comparisons. */
const INTERVAL: Millis = 1000;

/** The comparison comes this long after a change that Trapline probably made, so that many changes of this kind cost one comparison. */
const DOUBT: Millis = 5000;

/** A change that is reported during a call of the action, or within this time after it, was probably made by Trapline. */
const ECHO: Millis = 200;

/** Waits for reported changes. A sync can cause a report, and the report causes another sync. That sync finds no difference and ends the loop. */
export class Lookout {
  readonly #compare: () => void;
  #timer: NodeJS.Timeout | undefined;
  #due = Infinity;
  #comparedAt = -INTERVAL;
  #calling = false;
  #calledAt = -ECHO;
  #stopped = false;

  /** `compare` is called when it is time for a comparison. */
  constructor(compare: () => void) {
    this.#compare = compare;
  }

  /** Notes that a call of the action begins. */
  began(): void {
    this.#calling = true;
  }

  /** Notes that a call of the action has ended. */
  ended(): void {
    this.#calling = false;
    this.#calledAt = performance.now();
  }

  /** Notes that a change of the firewall was reported. */
  heard(): void {
    const now = performance.now();
    const own = this.#calling || now - this.#calledAt < ECHO;
    const due = Math.max(now + (own ? DOUBT : SETTLE), this.#comparedAt + INTERVAL);
    if (this.#stopped || due >= this.#due) return;
    clearTimeout(this.#timer);
    this.#due = due;
    this.#timer = setTimeout(() => {
      this.#due = Infinity;
      this.#comparedAt = performance.now();
      this.#compare();
    }, due - now).unref();
  }

  /** After this call, `compare` is not called any more. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }
}
