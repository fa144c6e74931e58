// Reads the files of a backfill and finds their hits. Counts the hits that are left out, and collects damaged files, for the summary.
import { setImmediate as turn } from 'node:timers/promises';
import { DamagedError } from '../../errors.ts';
import type { Batch, Hit, Missed } from '../../words/walk.ts';
import { MissCounts } from '../../filters/match.ts';
import { Novelty } from '../../ledger/record.ts';
import type { Progress } from '../terminal/progress.ts';
import type { Archived } from './archives.ts';
import { merged, type Stream } from './merge.ts';
import { Undated } from './undated.ts';

/** The callbacks of a `Reading`, and the signal that ends it. */
interface ReadingPorts {
  readonly matchAll: (batches: AsyncIterable<Batch>, missed: Missed) => AsyncIterable<readonly Hit[]>;
  /** True for a hit that counts. */
  readonly wanted: (hit: Hit) => boolean;
  readonly progress: Progress;
  /** Ends the reading. Hits that were not yielded until then are left out. */
  readonly signal: AbortSignal;
  /** Beginnings of the names under which Postfix logs: `postfix`. */
  readonly names: readonly string[];
}

/** The event loop gets a turn at this interval (milliseconds), because Node handles signals only between two turns. */
const TURN_EVERY = 50;

/** The reading of all files of one backfill. */
export class Reading {
  readonly #files: readonly Archived[];
  readonly #ports: ReadingPorts;
  readonly #novelty = new Novelty();
  readonly #foreign = new Set<string>();
  #turnAt = performance.now();
  /** The damage of each damaged file. The hits before the damage count. */
  readonly damages: DamagedError[] = [];
  readonly undated = new Undated();
  /** The near misses of all files. */
  readonly missed = new MissCounts();
  /** The number of hits for which `wanted` returned false. */
  outside = 0;

  constructor(files: readonly Archived[], ports: ReadingPorts) {
    this.#files = files;
    this.#ports = ports;
  }

  /** The files in which no line holds a name of Postfix, complete when all hits have been read. */
  get foreign(): readonly string[] {
    return [...this.#foreign];
  }

  /** Yields the hits of all files, ordered by time, each message once. */
  async *hits(): AsyncGenerator<readonly Hit[]> {
    const streams = this.#files.map(({ file, source, start }): Stream => ({
      start,
      hits: (isLast) => this.#hitsOf(file, source.read(undefined, this.#ports.signal), isLast),
    }));
    for await (const hits of merged(streams)) {
      if (this.#ports.signal.aborted) return;
      if (hits.length > 0) yield hits;
    }
  }

  async *#hitsOf(file: string, batches: AsyncIterable<Batch>, isLast: () => boolean): AsyncGenerator<readonly Hit[]> {
    const { matchAll, progress } = this.#ports;
    const missed: Missed = (misses) => void this.missed.add(misses);
    try {
      for await (const hits of matchAll(progress.along(this.#watched(file, batches)), missed)) {
        const dated = this.undated.without(hits);
        const counting = dated.filter(this.#ports.wanted);
        this.outside += dated.length - counting.length;
        const news = this.#novelty.of(file, counting, isLast());
        if (news.length > 0) yield news;
      }
    } catch (thrown) {
      if (!(thrown instanceof DamagedError)) throw thrown;
      this.damages.push(thrown);
    }
    this.#novelty.endOf(file);
  }

  /** Passes batches on, and looks for a name of Postfix until one is found. */
  async *#watched(file: string, batches: AsyncIterable<Batch>): AsyncGenerator<Batch> {
    this.#foreign.add(file);
    for await (const batch of batches) {
      if (this.#foreign.has(file) && this.#ports.names.some((name) => batch.bytes.includes(name))) this.#foreign.delete(file);
      yield batch;
      if (performance.now() - this.#turnAt < TURN_EVERY) continue;
      await turn();
      this.#turnAt = performance.now();
    }
  }
}
