// What the ledger could not write down, in its order, to be written as soon as it can be: while a disk is full, bans go on in memory.
import { LedgerError, messageOf } from '../errors.ts';
import type { Ban, Clock, Log, Millis, Past, Subject, Verdict } from '../types.ts';
import { moved, UnwrittenBans } from './unwritten.ts';

/** Verdicts that are kept, some 50 MB of them. When there are so many, reading is to wait. */
const MOST_VERDICTS = 100_000;

/** Verdicts of one transaction, and of one call that has other things to do. */
const SLICE = 2000;
const LARGE_SLICE = 5 * SLICE;

/** Time between two attempts to write (milliseconds). */
const RETRY: Millis = 1000;

/** Where reading of a source stopped. */
export interface CursorOf {
  readonly source: string;
  readonly cursor: string;
}

/** What belongs in one transaction: verdicts, and where reading stopped after them. */
export interface Batches {
  readonly verdicts: readonly Verdict[];
  readonly cursors: readonly CursorOf[];
}

interface Waiting {
  verdicts: readonly Verdict[];
  readonly cursors: Map<string, string>;
}

/** What the backlog is given. */
export interface BacklogPorts {
  readonly clock: Clock;
  readonly log: Log;
  /** Writes in one transaction. Throws LedgerError. */
  readonly write: (batches: Batches) => void;
  /** What the ledger knows. Throws LedgerError. */
  readonly past: (asked: readonly Subject[]) => readonly Past[];
  /** How the ledger is called in messages. */
  readonly name: string;
}

/** Batches that wait to be written, with the bans among them in force. */
export class Backlog {
  readonly bans = new UnwrittenBans();
  readonly #ports: BacklogPorts;
  #batches: Waiting[] = [];
  #size = 0;
  #failing = false;
  #triedAt: Millis = 0;

  constructor(ports: BacklogPorts) {
    this.#ports = ports;
  }

  /** Verdicts that wait. */
  get size(): number {
    return this.#size;
  }

  /** True when it should get no more for now. */
  get full(): boolean {
    return this.#size >= MOST_VERDICTS;
  }

  /** Where reading of a source stopped last; undefined: ask the ledger. */
  cursor(source: string): string | undefined {
    return this.#batches.findLast((batch) => batch.cursors.has(source))?.cursors.get(source);
  }

  /** Takes a batch in and puts its bans in force. Returns those that are news. Throws LedgerError, and takes nothing, when it cannot be read. */
  add(verdicts: readonly Verdict[], cursor: CursorOf | undefined): readonly Ban[] {
    const last = this.#batches.at(-1);
    // A cursor alone goes with the batch before it, so that they do not pile up.
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

  /** Writes some of what waits, at most once a second while that fails. Returns whether nothing waits any more; throws nothing. */
  attempt(): boolean {
    if (this.#batches.length === 0) return true;
    if (this.#failing && Math.abs(this.#ports.clock() - this.#triedAt) < RETRY) return false;
    try {
      return this.catchUp(LARGE_SLICE);
    } catch (thrown) {
      this.failed(thrown);
      return false;
    }
  }

  /** Writes what waits, at most some `limit` verdicts of it. Returns whether nothing waits any more. Throws LedgerError. */
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

  /** The ledger could not be written: says so, once. Throws what is no LedgerError. */
  failed(thrown: unknown): void {
    if (!(thrown instanceof LedgerError)) throw thrown;
    this.#triedAt = this.#ports.clock();
    if (this.#failing) return;
    this.#failing = true;
    this.#ports.log.error(`${messageOf(thrown)}; bans from the log go on in memory until it can be written`);
  }

  /** The ledger was written. */
  works(): void {
    if (!this.#failing) return;
    this.#failing = false;
    this.#ports.log.notice(`${this.#ports.name}: can be written again, nothing was lost`);
  }

  /** One last attempt; what is left is forgotten here. */
  close(): void {
    this.attempt();
    const { log, name } = this.#ports;
    if (this.#size > 0) log.error(`${name}: hits not written down: ${this.#size}; the next start reads them from the log again`);
    this.#batches = [];
    this.#size = 0;
  }

  /** Moves the ends of the bans that were in force at `now`, the time before the move. */
  moveEnds(by: Millis, now: Millis): void {
    this.bans.moveEnds(by, now);
    for (const batch of this.#batches) {
      batch.verdicts = batch.verdicts.map((verdict) =>
        verdict.kind === 'ban' ? { ...verdict, ban: moved(verdict.ban, by, now) } : verdict,
      );
    }
  }

  /** The batches that come next, of about one slice. */
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
