// Reads a source in the background, as the daemon does, and waits for lines. Also makes folders and logs for tests of sources.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Log } from '../../../src/words/ports.ts';
import type { Source } from '../../../src/words/walk.ts';
import { until } from '../until.ts';

/** Makes a folder that is removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'trapline-sources-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A log that keeps each text with its level. */
export function recordingLog(): Log & { readonly texts: string[] } {
  const texts: string[] = [];
  const at = (level: string) => (text: string) => void texts.push(`${level}: ${text}`);
  return { texts, debug: at('debug'), info: at('info'), notice: at('notice'), warn: at('warn'), error: at('error') };
}

/** A source that is being read. */
export class Reader {
  /** All lines so far, as Latin-1, without their newlines. */
  readonly lines: string[] = [];
  cursor: string | undefined;
  /** The cursor of each batch. */
  readonly cursors: (string | undefined)[] = [];
  /** `Batch.writtenAfter` of each batch with lines. */
  readonly after: (number | undefined)[] = [];
  batches = 0;
  failure: unknown;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  #held: Promise<void> | undefined;
  #release = (): void => {};

  constructor(source: Source, from?: string) {
    this.#done = this.#read(source, from);
    onTestFinished(() => this.stop());
  }

  /** Accepts the next batch, but requests no further batch until `release` is called (back-pressure). */
  hold(): void {
    this.#held = new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  release(): void {
    this.#release();
    this.#held = undefined;
  }

  /** Waits until `count` lines have been read. */
  async line(count: number): Promise<void> {
    await until(`${count} lines`, () => this.lines.length >= count || this.failure !== undefined);
    if (this.failure !== undefined) throw this.failure;
  }

  /** Waits for the first batch, which shows that the source has begun. */
  async begun(): Promise<void> {
    await until('the first batch', () => this.batches > 0 || this.failure !== undefined);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.release();
    await this.#done;
  }

  async #read(source: Source, from: string | undefined): Promise<void> {
    try {
      for await (const batch of source.read(from, this.#stop.signal)) {
        this.batches += 1;
        this.cursor = batch.cursor;
        if (batch.bytes.length > 0) this.after.push(batch.writtenAfter);
        this.cursors.push(batch.cursor);
        this.lines.push(...batch.bytes.toString('latin1').split('\n').slice(0, -1));
        await this.#held;
      }
    } catch (thrown) {
      this.failure = thrown;
    }
  }
}
