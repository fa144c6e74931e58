// Lets pieces of work run in order when some of them have to wait for a promise.
import type { Millis } from '../../words/ports.ts';

/** A piece of work waits at most this long for its promise. */
const PATIENCE: Millis = 1_000;

interface Piece {
  readonly work: () => void;
  isReady: boolean;
}

/** Pieces of work, in the order in which they were taken. */
export class InOrder {
  readonly #pieces: Piece[] = [];

  /**
   * Runs `work` after all earlier work, and not before `after` has settled. It waits at most a second for `after`. Without `after` and without
   * earlier work, it runs at once.
   */
  take(after: Promise<void> | undefined, work: () => void): void {
    const piece: Piece = { work, isReady: after === undefined };
    this.#pieces.push(piece);
    if (after === undefined) return this.#run();
    const ready = (): void => {
      clearTimeout(timer);
      piece.isReady = true;
      this.#run();
    };
    const timer = setTimeout(ready, PATIENCE).unref();
    after.then(ready, ready);
  }

  /** Runs all work that waits. */
  flush(): void {
    for (const piece of this.#pieces) piece.isReady = true;
    this.#run();
  }

  #run(): void {
    while (this.#pieces[0]?.isReady) this.#pieces.shift()?.work();
  }
}
