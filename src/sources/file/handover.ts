// A queue with back-pressure between the files that are read and the pipeline that consumes their lines.

interface Waiting<Item> {
  readonly item: Item;
  readonly done: () => void;
}

/** A queue with many producers and one consumer. Each producer waits until the consumer has finished with its item. */
export class Handover<Item> {
  #waiting: Waiting<Item>[] = [];
  #failure: { readonly thrown: unknown } | undefined;
  #closed = false;
  #wake: () => void = () => {};

  /**
   * Queues an item. Resolves when the consumer asks for the next item, because it has finished with this one. Also resolves when the consumer
   * ends. Never rejects.
   */
  give(item: Item): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push({ item, done: resolve });
      this.#wake();
    });
  }

  /** Makes `take` throw this value when the queue is empty. Only the first failure counts. */
  fail(thrown: unknown): void {
    this.#failure ??= { thrown };
    this.#wake();
  }

  /** Yields each item in order until the signal aborts. Afterwards no producer waits any longer. Throws the value that was passed to `fail`. */
  async *take(signal: AbortSignal): AsyncGenerator<Item> {
    const stop = (): void => this.#wake();
    signal.addEventListener('abort', stop);
    try {
      while (!signal.aborted) {
        const next = this.#waiting.shift();
        if (next) {
          try {
            yield next.item;
          } finally {
            next.done();
          }
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
