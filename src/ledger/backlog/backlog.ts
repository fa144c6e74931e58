// Keeps batches that could not be written yet, because the disk is full or the file is locked. Their bans are in force already.
import { LedgerError, messageOf } from '../../errors.ts';
import type { Clock, Log, Millis } from '../../words/ports.ts';
import type { Ban, CursorOf, Past, Subject, Verdict } from '../../words/walk.ts';
import type { Move } from '../clock.ts';
import type { Batch } from '../tables/tables.ts';
import { moved, UnwrittenBans } from './unwritten.ts';

export type { UnwrittenBans } from './unwritten.ts';

/** When this number of verdicts waits (about 50 MB), the sources should not be read further. */
const MOST_VERDICTS = 100_000;

/** The approximate number of verdicts in one transaction (SLICE) and in one call (LARGE_SLICE). All other work waits during a call. */
const SLICE = 2000;
const LARGE_SLICE = 5 * SLICE;

/** Time between two attempts to write (milliseconds). */
const RETRY: Millis = 1000;

interface Waiting {
  verdicts: readonly Verdict[];
  readonly cursors: Map<string, string>;
}

/** The ports of the backlog. */
interface BacklogPorts {
  readonly clock: Clock;
  readonly log: Log;
  /** Writes in one transaction. Throws LedgerError. */
  readonly write: (batch: Batch) => void;
  /** Reads the history of each subject from the file. Throws LedgerError. */
  readonly past: (asked: readonly Subject[]) => readonly Past[];
  /** The name of the ledger in messages. */
  readonly name: string;
}

/** The batches that wait to be written, in order, and their bans, which are in force. */
export class Backlog {
  readonly bans = new UnwrittenBans();
  readonly #ports: BacklogPorts;
  #batches: Waiting[] = [];
  #size = 0;
  #fault: string | null = null;
  #triedAt: Millis = 0;

  constructor(ports: BacklogPorts) {
    this.#ports = ports;
  }

  /** The error of the last attempt to write the file; null when that attempt succeeded. */
  get fault(): string | null {
    return this.#fault;
  }

  /** The number of verdicts that wait. */
  get size(): number {
    return this.#size;
  }

  /** The verdicts that wait, in order. */
  verdicts(): readonly Verdict[] {
    return this.#batches.flatMap((batch) => batch.verdicts);
  }

  /** True when no more verdicts should be added for now. */
  get full(): boolean {
    return this.#size >= MOST_VERDICTS;
  }

  /**
   * The newest waiting cursor of a source: the place where reading of the source continues. Undefined: no cursor of the source waits, so the
   * cursor in the file counts.
   */
  cursor(source: string): string | undefined {
    return this.#batches.findLast((batch) => batch.cursors.has(source))?.cursors.get(source);
  }

  /** Adds a batch and puts its bans in force. Returns the new bans. Throws LedgerError when the file cannot be read; then nothing is added. */
  add(verdicts: readonly Verdict[], cursor: CursorOf | undefined): readonly Ban[] {
    const last = this.#batches.at(-1);
    // A cursor without verdicts is added to the previous batch, so that batches without verdicts do not pile up.
    if (verdicts.length === 0 && last) {
      if (cursor) last.cursors.set(cursor.source, cursor.cursor);
      return [];
    }
    const news = verdicts.flatMap((verdict) => (verdict.kind === 'ban' && this.#isNews(verdict.ban) ? [verdict.ban] : []));
    for (const ban of news) this.bans.set(ban);
    this.#batches.push({ verdicts, cursors: new Map(cursor ? [[cursor.source, cursor.cursor]] : []) });
    this.#size += verdicts.length;
    return news;
  }

  /** Writes some batches; after a failure, tries at most once a second. Returns true when no batch waits any more. Throws no LedgerError. */
  attempt(): boolean {
    if (this.#batches.length === 0) return true;
    if (this.#fault !== null && Math.abs(this.#ports.clock() - this.#triedAt) < RETRY) return false;
    try {
      return this.catchUp(LARGE_SLICE);
    } catch (thrown) {
      this.failed(thrown);
      return false;
    }
  }

  /** Writes batches until at least `limit` verdicts are written. Returns true when no batch waits any more. Throws LedgerError. */
  catchUp(limit = Infinity): boolean {
    let done = 0;
    while (this.#batches.length > 0 && done < limit) {
      const batches = this.#next();
      const verdicts = batches.flatMap((batch) => batch.verdicts);
      this.#ports.write({ verdicts, cursors: batches.flatMap((batch) => cursorsOf(batch.cursors)) });
      this.#batches.splice(0, batches.length);
      this.#size -= verdicts.length;
      done += verdicts.length;
    }
    if (this.#batches.length > 0) return false;
    this.bans.written(this.#ports.clock());
    return true;
  }

  /** Logs once that the file cannot be written. Throws the error again unless it is a LedgerError. */
  failed(thrown: unknown): void {
    if (!(thrown instanceof LedgerError)) throw thrown;
    this.#triedAt = this.#ports.clock();
    const isNew = this.#fault === null;
    this.#fault = messageOf(thrown);
    if (isNew) this.#ports.log.error(`${this.#fault}; bans from the log are kept in memory until it can be written`);
  }

  /** After a failure, logs once that the file can be written again. */
  works(): void {
    if (this.#fault === null) return;
    this.#fault = null;
    this.#ports.log.notice(`${this.#ports.name}: can be written again, nothing was lost`);
  }

  /** Makes one last attempt to write. Batches that still wait are dropped: the next start reads their lines again. */
  close(): void {
    this.attempt();
    const { log, name } = this.#ports;
    if (this.#size > 0) log.error(`${name}: hits not written down: ${this.#size}; the next start reads them from the log again`);
    this.#batches = [];
    this.#size = 0;
  }

  /** Moves ends of bans, or whole bans. */
  move(move: Move): void {
    this.bans.move(move);
    for (const batch of this.#batches) {
      batch.verdicts = batch.verdicts.map((verdict) =>
        verdict.kind === 'ban' ? { ...verdict, ban: moved(verdict.ban, move) } : verdict,
      );
    }
  }

  /** The batches to write next. Together they have about SLICE verdicts. */
  #next(): readonly Waiting[] {
    let count = 0;
    const end = this.#batches.findIndex((batch) => (count += batch.verdicts.length) >= SLICE);
    return this.#batches.slice(0, end < 0 ? undefined : end + 1);
  }

  #isNews(ban: Ban): boolean {
    const end = ban.until ?? Infinity;
    if (end <= this.#ports.clock()) return false;
    const past = this.bans.past(ban) ?? this.#ports.past([ban])[0];
    return past?.bannedUntil === undefined || (past.bannedUntil ?? Infinity) < end;
  }
}

function cursorsOf(cursors: ReadonlyMap<string, string>): CursorOf[] {
  return [...cursors].map(([source, cursor]) => ({ source, cursor }));
}
