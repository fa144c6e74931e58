// A progress bar on standard error, redrawn a few times a second.
import type { Batch } from '../../words/walk.ts';

const WIDTH = 30;
const INTERVAL = 200;

/** Counts the bytes that were read and draws the bar. */
export class Progress {
  readonly #write: ((text: string) => void) | undefined;
  readonly #total: number | undefined;
  /** The time of the last drawing; minus infinity before the first one. */
  #drawnAt = Number.NEGATIVE_INFINITY;
  /** Bytes read so far. */
  bytes = 0;

  /** `total` in bytes, or undefined when it is unknown; without `write` nothing is drawn. */
  constructor(total: number | undefined, write: ((text: string) => void) | undefined) {
    this.#write = write;
    this.#total = total;
  }

  /** Counts bytes that were read. */
  add(bytes: number): void {
    this.bytes += bytes;
    const now = performance.now();
    if (!this.#write || now - this.#drawnAt < INTERVAL) return;
    this.#drawnAt = now;
    this.#write(`\r${this.#line()}`);
  }

  /** Passes batches on and counts their bytes. */
  async *along(batches: AsyncIterable<Batch>): AsyncGenerator<Batch> {
    for await (const batch of batches) {
      this.add(batch.bytes.length);
      yield batch;
    }
  }

  /** Erases the bar, so that other text can be printed. The bar is drawn again when more bytes are read. */
  end(): void {
    if (Number.isFinite(this.#drawnAt)) this.#write?.('\r\u001b[K');
  }

  /** How far the reading has come: `at 6 %`, or `after 12 MB` when the total is unknown. */
  reached(): string {
    const share = this.#share();
    return share === undefined ? `after ${sizeText(this.bytes)}` : `at ${Math.floor(share * 100)} %`;
  }

  #line(): string {
    const share = this.#share();
    if (share === undefined) return `reading ${sizeText(this.bytes)}`;
    const full = Math.round(share * WIDTH);
    const bar = '#'.repeat(full).padEnd(WIDTH);
    return `[${bar}] ${Math.floor(share * 100)} % of ${sizeText(this.#total ?? 0)}`;
  }

  #share(): number | undefined {
    return this.#total === undefined || this.#total === 0 ? undefined : Math.min(1, this.bytes / this.#total);
  }
}

/** A size with its unit: `143 bytes`, `12 kB`, `369 MB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return bytes === 1 ? '1 byte' : `${bytes} bytes`;
  return bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${Math.round(bytes / 1e6)} MB`;
}
