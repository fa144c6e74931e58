// Keeps one pipeline running for each source: starts, restarts after an expected error, exchanges them at a reload, stops them all.
import { setTimeout as pause } from 'node:timers/promises';
import { LedgerError, messageOf, SourceError } from '../errors.ts';
import { Pipeline, type Doors } from '../pipeline.ts';
import type { Clock, Log, Source, Status } from '../types.ts';

/** How long a source that failed rests before it is read again (milliseconds). */
const RETRY = 10_000;

/** What followers need from the daemon. */
export interface FollowerPorts {
  readonly log: Log;
  readonly clock: Clock;
  /** The doors as they are now: asked once a batch. */
  readonly doors: () => Doors;
  /** Where a source was left, by the ledger. */
  readonly cursor: (source: string) => string | undefined;
}

interface Follower {
  readonly source: Source;
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

/** The sources that are followed. */
export class Followers {
  readonly #ports: FollowerPorts;
  readonly #running = new Map<string, Follower>();
  #stopped = false;
  readonly #broken: (thrown: unknown) => void;
  /** Rejects when a source ends with an error that nobody expected; never resolves. */
  readonly broken: Promise<never>;

  constructor(ports: FollowerPorts) {
    this.#ports = ports;
    const rejectors: ((thrown: unknown) => void)[] = [];
    this.broken = new Promise<never>((_, reject) => rejectors.push(reject));
    this.#broken = (thrown) => rejectors[0]?.(thrown);
    this.broken.catch(() => {}); // Whoever runs the daemon awaits it; until then it must not count as unhandled.
  }

  /** Follows exactly these from now on: sources of the same name go on undisturbed, others end or begin. */
  async follow(sources: readonly Source[]): Promise<void> {
    const names = new Set(sources.map((source) => source.name));
    await Promise.all([...this.#running.keys()].filter((name) => !names.has(name)).map((name) => this.#end(name)));
    // A reload that was under way when the daemon was stopped begins nothing new.
    for (const source of this.#stopped ? [] : sources) {
      if (!this.#running.has(source.name)) this.#begin(source);
    }
  }

  /** Ends all of them, each after the batch in hand. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#running.keys()].map((name) => this.#end(name)));
  }

  /** What each source has read. */
  status(): Status['sources'] {
    return [...this.#running.values()].map(({ source }) => ({
      name: source.name,
      ...(source.stats?.() ?? { state: 'reading', lines: 0, bytes: 0 }),
    }));
  }

  #begin(source: Source): void {
    const abort = new AbortController();
    const done = this.#run(source, abort.signal).catch(this.#broken);
    this.#running.set(source.name, { source, abort, done });
  }

  async #end(name: string): Promise<void> {
    const follower = this.#running.get(name);
    follower?.abort.abort();
    await follower?.done;
    this.#running.delete(name);
  }

  async #run(source: Source, signal: AbortSignal): Promise<void> {
    const { log, clock, doors, cursor } = this.#ports;
    while (!signal.aborted) {
      try {
        await new Pipeline(source, doors, { clock }).run(cursor(source.name), signal);
        if (signal.aborted) return;
        log.warn(`${source.name}: ended; read again in ${RETRY / 1000} s`);
      } catch (thrown) {
        if (signal.aborted) return;
        if (!(thrown instanceof SourceError || thrown instanceof LedgerError)) throw thrown;
        log.error(`${messageOf(thrown)}; read again in ${RETRY / 1000} s`);
      }
      await pause(RETRY, undefined, { signal, ref: false }).catch(() => {});
    }
  }
}
