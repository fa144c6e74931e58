// The entry point of the ledger. Each decision is recorded before the firewall is changed.
import type { Network } from '../lib/address.ts';
import { Store } from '../lib/store/store.ts';
import type { Change, Recorded, Wanted } from '../words/firewall.ts';
import type { Clock, Millis } from '../words/ports.ts';
import type { Ban, CursorOf, Hit, Past, Subject, Verdict } from '../words/walk.ts';
import { Backlog } from './backlog/backlog.ts';
import { ClockWatch } from './clock.ts';
import { Endings } from './endings.ts';
import type { Occurrences } from './novelty.ts';
import { withDefaults, type Filled, type LedgerOptions } from './options.ts';
import { Scopes } from './scopes.ts';
import { Standing } from './standing.ts';
import { LEDGER_SCHEMA, type Batch, type Counts, type Tables } from './tables/tables.ts';
import { Writing } from './writing.ts';

export { Expiry, type ExpiryPorts } from './expiry.ts';
export { Novelty, Occurrences } from './novelty.ts';
export type { LedgerOptions } from './options.ts';

/**
 * Bans, offences, hits and cursors in one file. Every method that writes is one transaction, which is durable when the method returns. A
 * method throws LedgerError when the file cannot be read or written; then nothing of the transaction is kept. `record` is the exception: its
 * bans are in force even while the file cannot be written.
 */
export class Ledger {
  /** The bans in force. */
  readonly standing: Standing;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #watch: ClockWatch;
  readonly #backlog: Backlog;
  readonly #writing: Writing;
  readonly #tables: Tables;
  readonly #scopes: Scopes;
  readonly #endings: Endings;

  private constructor(store: Store, options: LedgerOptions & Filled) {
    const { clock, log, mostBans: most, scopes } = options;
    this.#store = store;
    this.#clock = clock;
    this.#watch = new ClockWatch(options);
    this.#writing = new Writing(store, options, () => this.#backlog.works());
    const { tables } = this.#writing;
    this.#tables = tables;
    this.#backlog = new Backlog({
      clock,
      log,
      name: store.path,
      past: (asked) => tables.offences.past(asked),
      write: (batch) => this.#writing.batch(batch, () => {}),
    });
    const shared = { clock, table: tables.bans, unwritten: this.#backlog.bans };
    this.standing = new Standing(shared);
    this.#scopes = new Scopes(this.standing, scopes);
    this.#endings = new Endings({
      ...shared,
      most,
      transaction: (work) => this.#writing.ends(work),
      failed: (thrown) => this.#backlog.failed(thrown),
    });
  }

  /** Opens or makes the file at `path` and its folder; `:memory:` is a ledger without a file. Throws LedgerError when it cannot be used. */
  static open(path: string, options: LedgerOptions): Ledger {
    const filled = withDefaults(options);
    const schemas = [LEDGER_SCHEMA, ...filled.schemas];
    const store = Store.open(path, { ...filled, schemas, renewed: (isWhole) => isWhole || ledger.#writing.recount() });
    let ledger: Ledger;
    try {
      ledger = new Ledger(store, filled);
      // Each call fills one slice. In a small ledger, this makes the tables of every rider complete before the first record.
      for (const _ of filled.riders) ledger.fill();
      return ledger;
    } catch (thrown) {
      store.close();
      throw thrown;
    }
  }

  /** The history of each subject. The cost does not depend on the size of the ledger. Bound, so that it can be passed on as a function. */
  readonly past = (asked: readonly Subject[]): readonly Past[] =>
    this.#tables.offences.past(asked).map((past, index) => this.#backlog.bans.past(asked[index]) ?? past);

  /**
   * Records verdicts and cursor. While the file cannot be written, they are kept in memory and written later, and their bans are in force.
   * The beginning and the end of this state are logged. A ban that is over by now is recorded as an offence only. A hit older than the
   * retention is not recorded. Throws LedgerError only when the file cannot be read.
   */
  record(verdicts: readonly Verdict[], cursor?: CursorOf): Recorded {
    try {
      if (this.#backlog.attempt()) {
        this.followClock();
        return this.#write(batchOf(verdicts, cursor));
      }
    } catch (thrown) {
      this.#backlog.failed(thrown);
    }
    return this.#recorded(this.#backlog.add(verdicts, cursor));
  }

  /** Records verdicts and cursor as `record` does, or throws LedgerError when they cannot be written. */
  recordStrictly(verdicts: readonly Verdict[], cursor?: CursorOf): Recorded {
    this.#settle();
    return this.#write(batchOf(verdicts, cursor));
  }

  /** Records bans by hand. Each replaces an earlier ban of its network and jail, even a longer ban. A ban that is over already is left out. */
  recordBans(bans: readonly Ban[]): Recorded {
    this.#settle();
    const now = this.#clock();
    const set = bans.filter(({ until }) => until === null || until > now);
    return this.#writing.commit(() => {
      const replaced = set.flatMap(({ network, jail }) => this.#tables.bans.of(network, jail, now) ?? []);
      for (const ban of set) this.#tables.bans.replace(ban);
      return { ...this.#recorded(set), replaced };
    });
  }

  /** The numbers of hits and bans that wait in memory, because of `fault`. `full`: true when no more hits should be recorded now. */
  get unwritten(): { readonly hits: number; readonly bans: number; readonly full: boolean; readonly fault: string | null } {
    return { hits: this.#backlog.size, bans: this.#backlog.bans.size, full: this.#backlog.full, fault: this.#backlog.fault };
  }

  /**
   * Ends at most `most` bans inside these networks, or of all bans, and returns them. Offences stay, so a later hit leads to a longer ban.
   * With `forget`, the offences of the ended bans, and of exactly these networks, are deleted in the same transaction.
   */
  unban(ranges: readonly Network[] | 'all', most = Infinity, forget = false): readonly Ban[] {
    this.#settle();
    return this.#writing.ends(() => this.#tables.endWithin(ranges, this.#clock(), { most, forget }));
  }

  /** Ends exactly these bans, by network and jail; a ban of the network by another jail stays. Returns the bans that were in force. */
  end(bans: readonly Ban[]): readonly Ban[] {
    this.#settle();
    return this.#writing.ends(() => this.#tables.bans.end(bans, this.#clock()));
  }

  /** Ends bans whose time is over, about 2,000 a call, and returns each ban once. Works even while the file cannot be written. */
  expired(): readonly Ban[] {
    return this.#endings.expired();
  }

  /** When too many bans are in force, ends the bans from a log that would end first, about 2,000 a call, and returns them. */
  evict(): readonly Ban[] {
    return this.#endings.evict();
  }

  /**
   * The networks that each action has to free after these bans have ended, and the entries that it still has to hold because another jail
   * bans the network. Actions that hold none of these bans are left out.
   */
  changesAfter(ended: readonly Ban[]): readonly Change[] {
    return this.#scopes.changes(ended);
  }

  /** All entries that an action has to hold, or a sample when there are too many to compare. */
  wanted(action: string): Wanted {
    return this.#scopes.wanted(action);
  }

  /** The place where reading of a source continues. Undefined: the source was never read. */
  cursor(source: string): string | undefined {
    return this.#backlog.cursor(source) ?? this.#tables.cursors.get(source);
  }

  /** The hits of a backfill that are not on record. The n-th hit of a message is on record when the ledger has at least n hits of the message. */
  novel(hits: readonly Hit[], run: Occurrences): readonly Hit[] {
    return this.#tables.hits.novel(hits, run);
  }

  /** Hits of a jail after `since` that still count towards a ban, oldest first; the newest 200,000 at most. */
  recentHits(jail: string, since: Millis): readonly Hit[] {
    return this.#tables.hits.watched(jail, since, 200_000, this.#backlog.verdicts());
  }

  /** The numbers of hits and bans, in total and by jail. A separate table holds the numbers of hits, so that hits need not be counted. */
  counts(): Counts {
    return this.#tables.hits.counts(this.#tables.bans.countByJail());
  }

  /** A number that changes whenever another program has written rows to the file. Throws LedgerError. */
  foreignVersion(): number {
    return this.#store.foreignVersion();
  }

  /**
   * Does one slice of maintenance: deletes hits and offences beyond their retention, and gives free pages back to the disk. Returns true
   * when another call has more to do, and false also when the file cannot be written, or the clock may be ahead. Throws no LedgerError.
   */
  purge(): boolean {
    if (!this.#backlog.attempt()) return false;
    return this.#attempt(() => {
      this.followClock();
      return !this.#watch.mayBeAhead && this.#writing.purge();
    });
  }

  /** Does one slice of the work that was deferred when the file was opened. Returns and throws as `purge` does. After `close` it does nothing. */
  fill(): boolean {
    return this.#attempt(() => this.#writing.fill());
  }

  /** Moves bans when the wall clock was set, see ClockWatch. Must be called about once a second. Methods that record or lift bans call it first. */
  followClock(): void {
    this.#watch.follow(
      (move) => this.#backlog.move(move),
      (moves) => {
        this.#writing.commit(() => this.#tables.move(moves));
        this.#backlog.bans.movedInFile(moves);
      },
    );
  }

  /** Closes the file, after a last attempt to write the verdicts that wait. A second call does nothing. */
  close(): void {
    this.#backlog.close();
    this.#store.close();
  }

  /** Writes the batches that wait, before other rows are written. Throws LedgerError. */
  #settle(): void {
    this.followClock();
    this.#backlog.catchUp();
  }

  #write(batch: Batch): Recorded {
    return this.#writing.batch(batch, (bans) => this.#recorded(bans));
  }

  #recorded(bans: readonly Ban[]): Recorded {
    return { bans, changes: this.#scopes.changes(bans) };
  }

  /** Runs work that can wait. Returns true when more of this work is left, and false when the file cannot be written. */
  #attempt(work: () => boolean): boolean {
    try {
      return work();
    } catch (thrown) {
      this.#backlog.failed(thrown);
      return false;
    }
  }
}

function batchOf(verdicts: readonly Verdict[], cursor: CursorOf | undefined): Batch {
  return { verdicts, cursors: cursor ? [cursor] : [] };
}
