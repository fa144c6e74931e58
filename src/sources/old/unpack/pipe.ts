// Reads the output of a program into one buffer that is reused.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wholePages } from '../../../lib/files/pages.ts';

/** The size of the buffer in bytes, and of the largest chunk. */
const CHUNK = 1_048_576;

/** One read of a socket returns at most this many bytes. When the buffer has less free space, the chunk is complete. */
const LARGEST_READ = 262_144;

/**
 * Two sockets that are connected to each other. The pipe of `spawn` would allocate memory for each 64 KiB: with such a pipe, a backfill
 * of a zstd log takes 0.49 s instead of 0.42 s for a million lines (137 MB), and 2.6 s instead of 1.9 s for ten million lines
 * (docs/decisions/0010-scan.md).
 */
export class Pipe {
  /** The end that the program writes to. Destroy it in this process as soon as the program has been started with it. */
  readonly entry: Socket;
  readonly #exit: Socket;
  readonly #memory: Buffer;
  readonly #filling: Filling;

  private constructor(entry: Socket, exit: Socket, memory: Buffer, filling: Filling) {
    this.entry = entry;
    this.#exit = exit;
    this.#memory = memory;
    this.#filling = filling;
  }

  /**
   * Connects both ends through a socket in a temporary folder, and deletes that folder. Rejects with the error of the system: no free
   * descriptor (EMFILE), no room for the folder (ENOSPC).
   */
  static async open(): Promise<Pipe> {
    const folder = mkdtempSync(join(tmpdir(), 'trapline-'));
    const server = createServer({ pauseOnConnect: true });
    try {
      const path = join(folder, 'pipe');
      await once(server.listen(path), 'listening');
      const memory = wholePages(CHUNK);
      const filling = new Filling();
      const exit = connect({
        path,
        onread: { buffer: () => memory.subarray(filling.filled), callback: (count) => filling.add(count, memory.length) },
      });
      exit.once('close', () => filling.end()).once('error', () => filling.end());
      exit.once('error', (error) => server.emit('error', error)); // Otherwise the wait for the connection would never end.
      const [entry] = (await once(server, 'connection')) as [Socket];
      return new Pipe(entry, exit, memory, filling);
    } finally {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** Yields the bytes until every writer has closed its end. A chunk is valid until the next chunk is requested. */
  async *chunks(): AsyncGenerator<Buffer> {
    for (;;) {
      while (!this.#filling.complete && !this.#filling.ended) {
        const changed = this.#filling.change();
        this.#exit.resume();
        await changed;
      }
      const size = this.#filling.take();
      if (size === 0) return;
      yield this.#memory.subarray(0, size);
    }
  }

  /** Closes the reading end. Bytes that have not been read are lost. */
  close(): void {
    this.#exit.destroy();
  }
}

/** The fill level of the buffer. */
class Filling {
  /** The offset in the buffer where the next bytes go. */
  filled = 0;
  /** True when all writers have closed their end. */
  ended = false;
  /** The size of a complete chunk that has not been taken, else 0. Nothing is read while there is such a chunk. */
  #chunk = 0;
  #wake: (() => void) | undefined;

  get complete(): boolean {
    return this.#chunk > 0;
  }

  /** Resolves when a chunk is complete, or all writers have closed. */
  change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Counts bytes that were read; false stops reading. It sets `filled`, because Node asks for the next buffer right after this call. */
  add(count: number, size: number): boolean {
    this.filled += count;
    if (size - this.filled >= LARGEST_READ) return true;
    this.#chunk = this.filled;
    this.filled = 0;
    this.#wake?.();
    return false;
  }

  /** Returns the number of bytes to take from the start of the buffer: a complete chunk or, at the end, all remaining bytes. */
  take(): number {
    const size = this.complete ? this.#chunk : this.filled;
    if (this.complete) this.#chunk = 0;
    else this.filled = 0;
    return size;
  }

  /** Called when all writers have closed their end. */
  end(): void {
    this.ended = true;
    this.#wake?.();
  }
}
