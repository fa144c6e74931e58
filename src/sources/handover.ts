// From those who read to the one who walks: each waits until what it put down has been dealt with. This is the back-pressure of live sources.

interface Waiting<Item> {
  readonly item: Item;
  readonly done: () => void;
}

/** A counter with room for one item of each giver. */
export class Handover<Item> {
  #waiting: Waiting<Item>[] = [];
  #failure: { readonly thrown: unknown } | undefined;
  #closed = false;
  #wake: () => void = () => {};

  /** Resolves when the taker has come back for the next item, or will not come back. */
  give(item: Item): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push({ item, done: resolve });
      this.#wake();
    });
  }

  /** Makes the taker throw, once it has taken what is there. */
  fail(thrown: unknown): void {
    this.#failure ??= { thrown };
    this.#wake();
  }

  /** Each item in order, until the signal aborts. */
  async *take(signal: AbortSignal): AsyncGenerator<Item> {
    const stop = (): void => this.#wake();
    signal.addEventListener('abort', stop);
    try {
      while (!signal.aborted) {
        const next = this.#waiting.shift();
        if (next) {
          yield next.item;
          next.done();
        } else if (this.#failure) {
          throw this.#failure.thrown;
        } else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      }
    } finally {
      signal.removeEventListener('abort', stop);
      this.#closed = true;
      for (const { done } of this.#waiting) done();
      this.#waiting = [];
    }
  }
}
