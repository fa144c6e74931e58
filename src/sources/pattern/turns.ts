// Does work on thousands of logs in short slices. Between two slices, the event loop can handle lines, bans and requests.

/** When a turn of the event loop has taken this many milliseconds, the remaining work waits for the next turn. */
const LONGEST = 10;

/** Runs pieces of work in the order in which they come. */
export class Turns {
  #waiting: (() => void)[] = [];
  #next = 0;
  #timer: NodeJS.Immediate | undefined;

  /** Runs `work` in a later turn of the event loop. `work` must not throw. */
  run(work: () => void): void {
    this.#waiting.push(work);
    this.#timer ??= setImmediate(() => this.#turn());
  }

  /** Drops the work that has not run yet. */
  close(): void {
    clearImmediate(this.#timer);
    this.#timer = undefined;
    this.#waiting = [];
    this.#next = 0;
  }

  #turn(): void {
    this.#timer = undefined;
    const end = performance.now() + LONGEST;
    do {
      const work = this.#waiting[this.#next];
      if (!work) return this.close();
      this.#next += 1;
      work();
    } while (performance.now() < end);
    this.#timer ??= setImmediate(() => this.#turn());
  }
}
