// A progress bar on standard error, redrawn a few times a second.
import type { Batch } from '../types.ts';

const WIDTH = 30;
const INTERVAL = 200;

/** Counts bytes and, when shown, draws how far a job is. */
export class Progress {
  readonly #write: ((text: string) => void) | undefined;
  readonly #total: number | undefined;
  #drawnAt = 0;
  /** Bytes so far. */
  bytes = 0;

  /** `total` in bytes, or undefined when nobody knows; without `write` nothing is drawn. */
  constructor(total: number | undefined, write: ((text: string) => void) | undefined) {
    this.#write = write;
    this.#total = total;
  }

  /** Counts bytes that are done. */
  add(bytes: number): void {
    this.bytes += bytes;
    const now = performance.now();
    if (!this.#write || now - this.#drawnAt < INTERVAL) return;
    this.#drawnAt = now;
    this.#write(`\r${this.#line()}`);
  }

  /** Counts batches that go by. */
  async *along(batches: AsyncIterable<Batch>): AsyncGenerator<Batch> {
    for await (const batch of batches) {
      this.add(batch.bytes.length);
      yield batch;
    }
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#drawnAt > 0) this.#write?.('\r\u001b[K');
  }

  #line(): string {
    const megabytes = `${(this.bytes / 1e6).toFixed(0)} MB`;
    if (this.#total === undefined || this.#total === 0) return `reading ${megabytes}`;
    const share = Math.min(1, this.bytes / this.#total);
    const full = Math.round(share * WIDTH);
    return `[${'#'.repeat(full)}${' '.repeat(WIDTH - full)}] ${Math.floor(share * 100)} % of ${(this.#total / 1e6).toFixed(0)} MB`;
  }
}
