// Keeps one pipeline running for each source: starts it, restarts it after an expected error, replaces it at a reload, and stops it.
import { setTimeout as pause } from 'node:timers/promises';
import { printable } from '../lib/text/printable.ts';
import { LedgerError, messageOf, SourceError, whatOf } from '../errors.ts';
import { Pipeline, type PipelineDoors } from '../walk/pipeline.ts';
import type { Status } from '../words/desk.ts';
import type { Clock, Log } from '../words/ports.ts';
import type { Batch, Hit, Missed, Source, SourceState } from '../words/walk.ts';
import { Zones, zoneText } from './rooms/zones.ts';

/** A source that failed is read again after this time (milliseconds). */
const RETRY = 10_000;

/** The functions and ports of the followers. */
interface FollowerPorts {
  readonly log: Log;
  readonly clock: Clock;
  readonly doors: PipelineDoors;
  /** Returns the recorded cursor (the place where reading stopped) of a key. */
  readonly cursor: (key: string) => string | undefined;
}

interface Running {
  readonly source: Source;
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

/** The sources that are followed. */
export class Followers {
  readonly #ports: FollowerPorts;
  readonly #running = new Map<string, Running>();
  /** The sources of which a hit without a readable date has been reported. */
  readonly #undated = new Set<string>();
  readonly #zones: Zones;
  /** Why a source ended, until it is read again. */
  readonly #faults = new Map<string, string>();
  #stopped = false;
  readonly #broken: (thrown: unknown) => void;
  /** Rejects when a source ends with an unexpected error, which is a bug; never resolves. */
  readonly broken: Promise<never>;

  constructor(ports: FollowerPorts) {
    this.#ports = ports;
    this.#zones = new Zones(ports.log);
    const rejectors: ((thrown: unknown) => void)[] = [];
    this.broken = new Promise<never>((_, reject) => rejectors.push(reject));
    this.#broken = (thrown) => rejectors[0]?.(thrown);
    this.broken.catch(() => {}); // The caller awaits this promise later. Until then, Node must not count a rejection as unhandled.
  }

  /** Follows exactly these sources. A running source continues if its name and its options are unchanged. Every other running source ends. */
  async follow(sources: readonly Source[]): Promise<void> {
    const wanted = new Map(sources.map((source) => [source.name, source.settings]));
    const ends = [...this.#running.values()].filter(
      ({ source }) => !wanted.has(source.name) || wanted.get(source.name) !== source.settings,
    );
    await Promise.all(ends.map(({ source }) => this.#end(source.name)));
    // A reload may still run after a stop. It must not start a source then.
    for (const source of this.#stopped ? [] : sources) {
      if (!this.#running.has(source.name)) this.#begin(source);
    }
  }

  /** Ends all sources, each after its current batch. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#running.keys()].map((name) => this.#end(name)));
  }

  /** The state of each source. */
  status(): Status['sources'] {
    return [...this.#running.values()].map(({ source }) => {
      const stats = source.stats?.() ?? { state: 'reading', lines: 0, bytes: 0 };
      const { zones } = this.#zones.of(source.name);
      return {
        name: source.name,
        ...stats,
        ...(zones && { state: stats.state + zoneText(zones), zones }),
        ...faultyState(this.#faults.get(source.name)),
      };
    });
  }

  #begin(source: Source): void {
    const abort = new AbortController();
    const done = this.#run(source, abort.signal).catch(this.#broken);
    this.#running.set(source.name, { source, abort, done });
  }

  async #end(name: string): Promise<void> {
    const running = this.#running.get(name);
    running?.abort.abort();
    await running?.done;
    this.#running.delete(name);
  }

  async #run(source: Source, signal: AbortSignal): Promise<void> {
    const { log, clock, doors, cursor } = this.#ports;
    while (!signal.aborted) {
      this.#faults.delete(source.name);
      try {
        const from = source.resume ? source.resume(cursor) : cursor(source.name);
        const match = (batch: Batch, missed?: Missed): readonly Hit[] => this.#dated(source.name, doors.match(batch, missed));
        await new Pipeline(source, { ...doors, match }, { clock }).run(from, signal);
        if (signal.aborted) return;
        this.#faults.set(source.name, `${source.name}: ended`);
        log.warn(`${source.name}: ended; next try in ${RETRY / 1000} s`);
      } catch (thrown) {
        if (signal.aborted) return;
        if (!(thrown instanceof SourceError || thrown instanceof LedgerError)) throw thrown;
        this.#faults.set(source.name, messageOf(thrown));
        log.error(`${messageOf(thrown)}; next try in ${RETRY / 1000} s`);
      }
      await pause(RETRY, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  /**
   * Reports the first hit of a source whose date cannot be read. Its line has just been written, so the present time is its time. Also notes
   * in which time zones the lines are dated.
   */
  #dated(name: string, hits: readonly Hit[]): readonly Hit[] {
    this.#zones.note(name, hits);
    const first = this.#undated.has(name) ? undefined : hits.find(({ undated }) => undated !== undefined);
    if (first?.undated === undefined) return hits;
    this.#undated.add(name);
    this.#ports.log.notice(
      `${name}: the date of a hit cannot be read, hits of this source without a readable date count as now; the line begins with "${printable(first.undated)}"`,
    );
    return hits;
  }
}

/** The state of a source that ended with an error such as `PATH: permission denied, ADVICE`: `permission denied, next try in 10 s`. */
function faultyState(fault: string | undefined): Pick<SourceState, 'fault' | 'blind'> & { readonly state?: string } {
  if (fault === undefined) return {};
  return { state: `${whatOf(fault)}, next try in ${RETRY / 1000} s`, fault, blind: true };
}
