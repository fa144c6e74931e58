// Reads the files of a chain and delivers their lines. The next read begins only when the lines of the last read have been processed.
import { readSync } from 'node:fs';
import { errnoOf } from '../../errors.ts';
import type { Millis } from '../../words/ports.ts';
import { wholePages } from '../../lib/files/pages.ts';
import type { Chain } from './chain.ts';
import type { Cursor } from './place.ts';
import type { Lines } from './progress.ts';
import { readSizeAfter, SMALL_READ } from './readsize.ts';

/** Milliseconds between two reads while lines keep coming, so that one read returns many lines. The first line is read at once. */
const PACE = 5;

/** Takes whole lines, the cursor after them, and `Batch.writtenAfter`. Resolves when the lines have been processed. */
export type Deliver = (bytes: Buffer, cursor: Cursor, writtenAfter?: Millis) => Promise<void>;

/** The members of a chain that the loop uses. */
type Readable = Pick<Chain, 'atLog' | 'position' | 'take' | 'drop' | 'close'>;

/** The callbacks of a read loop. */
export interface ReadPorts {
  readonly deliver: Deliver;
  /** Called with the system error when a file cannot be read. The next call of `read` tries again. */
  readonly unreadable: (thrown: unknown) => void;
  /** Called with an error that is a bug, because it is no system error. The loop has already stopped. */
  readonly fail: (thrown: unknown) => void;
}

/** Reads when `read` is called, goes on while there is more to read, and pauses at the end of the log. */
export class ReadLoop {
  readonly #chain: Readable;
  readonly #ports: ReadPorts;
  #timer: NodeJS.Timeout | NodeJS.Immediate | undefined;
  #size = SMALL_READ;
  #buffer: Buffer | undefined;
  #lastRead = Number.NEGATIVE_INFINITY;
  /** True while a read is under way or its lines are being processed. */
  #busy = false;
  #delivering = false;
  /** True when `read` was called while `#busy` was true. */
  #calledAgain = false;
  #stopped = false;

  constructor(chain: Readable, ports: ReadPorts) {
    this.#chain = chain;
    this.#ports = ports;
  }

  /** True while delivered lines are being processed. */
  get delivering(): boolean {
    return this.#delivering;
  }

  /** True while no read is under way or due, and no lines are being processed. */
  get idle(): boolean {
    return !this.#busy && this.#timer === undefined;
  }

  /** Reads at once or, while a read is under way, right after it. */
  read(): void {
    this.#calledAgain = this.#busy;
    if (this.#busy || this.#stopped) return;
    let chunk: Buffer | undefined;
    try {
      chunk = this.#readChunk();
    } catch (thrown) {
      return this.#readFailed(thrown);
    }
    if (chunk) void this.#deal(chunk);
  }

  /**
   * Reads in the next turn of the event loop, but not within 5 ms of the last read. While a read is under way, reads right after it. A read
   * in this call would keep the event loop in the callbacks of inotify(7): libuv calls them until no event is left, and a writer that is
   * faster than the reader always adds one. No timer, signal or socket would be served.
   */
  readSoon(): void {
    if (this.#busy) return this.read();
    if (this.#timer) return;
    const read = (): void => {
      this.#timer = undefined;
      this.read();
    };
    const wait = this.#lastRead + PACE - performance.now();
    this.#timer = wait <= 0 ? setImmediate(read) : setTimeout(read, wait);
  }

  /** Stops reading, and closes the chain when the delivered lines have been processed. Nothing is delivered afterwards. */
  stop(): void {
    this.#stopped = true;
    if (!this.#busy) this.#chain.close();
  }

  #readChunk(): Buffer | undefined {
    const position = this.#chain.position();
    if (!position) return undefined;
    this.#lastRead = performance.now();
    this.#buffer ??= this.#size === SMALL_READ ? Buffer.alloc(this.#size) : wholePages(this.#size);
    // New bytes are in the page cache. Copying them takes a tenth of the time of a read in another thread (0.2 ms).
    return this.#buffer.subarray(0, readSync(position.fd, this.#buffer, 0, this.#size, position.offset));
  }

  #readFailed(thrown: unknown): void {
    if (errnoOf(thrown) === undefined) return this.#fail(thrown);
    this.#chain.drop();
    this.#ports.unreadable(thrown);
  }

  async #deal(chunk: Buffer): Promise<void> {
    this.#busy = true;
    try {
      const full = chunk.length === this.#size;
      const { lines, more } = this.#chain.take(chunk, full);
      const start = performance.now();
      if (lines) await this.#deliver(lines);
      this.#resize(full ? readSizeAfter(this.#size, performance.now() - start) : SMALL_READ);
      this.#busy = false;
      if (this.#stopped) this.#chain.close();
      // The next read has its own turn of the event loop, so that unbans and the control socket are served between reads. A log that was
      // renamed is read to its end at once, because more rotations can follow.
      else if (more || (this.#calledAgain && !this.#chain.atLog)) setImmediate(() => this.read());
      else if (this.#calledAgain) this.readSoon();
    } catch (thrown) {
      this.#busy = false;
      this.#fail(thrown);
    }
  }

  async #deliver({ bytes, cursor, writtenAfter }: Lines): Promise<void> {
    this.#delivering = true;
    await this.#ports.deliver(bytes, cursor, writtenAfter);
    this.#delivering = false;
  }

  #resize(size: number): void {
    if (this.#size === size) return;
    // Large memory serves smaller reads too, until there is little to read.
    if (size === SMALL_READ || (this.#buffer && this.#buffer.length < size)) this.#buffer = undefined;
    this.#size = size;
  }

  #fail(thrown: unknown): void {
    this.stop();
    this.#ports.fail(thrown);
  }
}
