// Gives turns to tasks, one at a time and in the order in which they asked.

/** A queue of tasks, of which one has the turn. */
export class TurnQueue {
  #taken = false;
  readonly #waiting: (() => void)[] = [];

  /** Resolves when it is the caller's turn. Each turn must be ended with `end`. */
  async begin(): Promise<void> {
    if (!this.#taken) {
      this.#taken = true;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Ends the turn: the next task begins. */
  end(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#taken = false;
  }
}
