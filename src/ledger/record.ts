// The door of the ledger: what the program wants, written down before anything is done about it. The firewall follows.
import type { Network } from '../lib/address.ts';
import type { Ban, Clock, Entry, Hit, Millis, Past, Subject, Verdict, Wanted } from '../types.ts';
import { Backlog, type Batches, type CursorOf } from './backlog.ts';
import { BanTable } from './bans.ts';
import { ClockWatch } from './clock.ts';
import { Force } from './force.ts';
import { HitTable, type Counts } from './hits.ts';
import { retentionOf, type LedgerOptions, type Retention } from './options.ts';
import { Store, type Query } from './store/store.ts';

export { Expiry, type ExpiryPorts } from './expiry.ts';
export type { LedgerOptions } from './options.ts';

/** Rows and pages of one slice of tidying up: some ten milliseconds. */
const SLICE = 2000;

/** Free pages below this are left in the file for what comes next. */
const SPARE_PAGES = 256;

/**
 * Bans, offences, hits and cursors in one file. Every method is one transaction, lasting when it returns; it throws LedgerError when
 * the file cannot be read or written, and then nothing of the transaction is kept. What `keep` takes is the exception: it is in force
 * also while it cannot be written.
 */
export class Ledger {
  readonly #store: Store;
  readonly #bans: BanTable;
  readonly #hits: HitTable;
  readonly #cursors: { readonly put: Query; readonly get: Query };
  readonly #clock: Clock;
  readonly #watch: ClockWatch;
  readonly #retention: Retention;
  readonly #backlog: Backlog;
  readonly #force: Force;

  private constructor(store: Store, options: LedgerOptions) {
    this.#store = store;
    this.#bans = new BanTable(store);
    this.#hits = new HitTable(store);
    const put = store.prepare('INSERT OR REPLACE INTO cursors (source, cursor) VALUES (?, ?)');
    this.#cursors = { put, get: store.prepare('SELECT cursor FROM cursors WHERE source = ?') };
    this.#clock = options.clock;
    this.#retention = retentionOf(options);
    this.#watch = new ClockWatch(options);
    this.#backlog = new Backlog({
      ...options,
      name: store.path,
      past: (asked) => this.#bans.past(asked),
      write: (batches) => void this.#write(batches),
    });
    this.#force = new Force({
      ...options,
      table: this.#bans,
      most: options.mostBans ?? 1_000_000,
      unwritten: this.#backlog.bans,
      transaction: (work) => this.#commit(work),
      failed: (thrown) => this.#backlog.failed(thrown),
    });
  }

  /** Opens or makes the file at `path` and its folder; `:memory:` is a ledger without a file. Throws LedgerError when it cannot be used. */
  static open(path: string, options: LedgerOptions): Ledger {
    return new Ledger(Store.open(path, options), options);
  }

  /** What is known of each of these, at the same cost whatever the size of the ledger. Bound: can be handed on as it is. */
  readonly past = (asked: readonly Subject[]): readonly Past[] =>
    this.#bans.past(asked).map((past, index) => this.#backlog.bans.past(asked[index]) ?? past);

  /** Writes down verdicts and cursor. Returns the bans newly in force; what is over is an offence only, what is too old is left out. */
  record(verdicts: readonly Verdict[], cursor?: CursorOf): readonly Ban[] {
    this.#settle();
    return this.#write({ verdicts, cursors: cursor ? [cursor] : [] });
  }

  /**
   * Records, or, while the file cannot be written, keeps verdicts and cursor in memory, the bans in force all the same, and writes them
   * down as soon as it can. Says so in the log when that begins and when it is over. Throws LedgerError only when the file cannot be read.
   */
  keep(verdicts: readonly Verdict[], cursor?: CursorOf): readonly Ban[] {
    try {
      if (this.#backlog.attempt()) {
        this.followClock();
        return this.#write({ verdicts, cursors: cursor ? [cursor] : [] });
      }
    } catch (thrown) {
      this.#backlog.failed(thrown);
    }
    return this.#backlog.add(verdicts, cursor);
  }

  /** What is not written down yet; `full`: so much that nothing more should be kept for now. */
  get unwritten(): { readonly hits: number; readonly bans: number; readonly full: boolean } {
    return { hits: this.#backlog.size, bans: this.#backlog.bans.size, full: this.#backlog.full };
  }

  /** Bans by hand: the newest word counts, also when it is shorter than the one before. Returns those that are in force. */
  recordBans(bans: readonly Ban[]): readonly Ban[] {
    this.#settle();
    const now = this.#clock();
    const set = bans.filter(({ until }) => until === null || until > now);
    this.#commit(() => set.forEach((ban) => this.#bans.replace(ban)));
    return set;
  }

  /** Ends bans inside these networks, or all, `most` at once, and returns them. Their offences stay: a later hit makes a longer ban. */
  unban(ranges: readonly Network[] | 'all', most = Infinity): readonly Ban[] {
    this.#settle();
    return this.#commit(() => this.#bans.endWithin(ranges === 'all' ? [undefined] : ranges, this.#clock(), most));
  }

  /** Ends exactly these bans, by network and jail; another jail's ban of the same network stays. Returns those that were there. */
  end(bans: readonly Ban[]): readonly Ban[] {
    this.#settle();
    return this.#commit(() => this.#bans.end(bans, this.#clock()));
  }

  /** Takes bans that are over out of force and returns each once, some 2,000 at a time; also while the file cannot be written. */
  expired(): readonly Ban[] {
    return this.#force.expired();
  }

  /** Ends bans early while there are too many, and returns them, some 2,000 at a time: those from a log that would end first. */
  evict(): readonly Ban[] {
    return this.#force.evict();
  }

  /** When `expired` has something to do next: the next end of a ban that has one. */
  nextEnd(): Millis | undefined {
    return this.#force.nextEnd();
  }

  /** Bans in force, oldest first: all, or those inside a network. */
  bans(within?: Network): readonly Ban[] {
    return this.#force.list(within);
  }

  /** All bans in force, a page at a time, for work that lets others have their turn; what comes or goes meanwhile may be in it or not. */
  pages(): Iterable<readonly Ban[]> {
    return this.#force.pages();
  }

  /** Bans in force that hold the whole of this network: its own and those of wider networks. */
  bansAround(network: Network): readonly Ban[] {
    return this.#bans.around(network, this.#clock());
  }

  /** What the firewall should hold: each banned network once, with the latest end over all jails. */
  entries(): readonly Entry[] {
    return this.#force.entries();
  }

  /** The same, or some 2,000 of them, others each time, when there are more than `most`. Bound. */
  readonly wanted: Wanted = (most) => this.#force.wanted(most);

  /** The same for these networks; those that are not banned are left out. */
  entriesFor(networks: readonly Network[]): readonly Entry[] {
    return this.#force.entriesFor(networks);
  }

  /** Where reading of a source goes on. */
  cursor(source: string): string | undefined {
    const cursor = this.#backlog.cursor(source) ?? this.#cursors.get.get(source)?.['cursor'];
    return typeof cursor === 'string' ? cursor : undefined;
  }

  /**
   * The hits that are not on record. The same message in the same second may be several hits: the n-th of a run is known when n are on
   * record. `seen` is the memory of the run, empty at first; take a new one for each file, so that a copy of a file counts once.
   */
  novel(hits: readonly Hit[], seen: Map<string, number>): readonly Hit[] {
    return this.#hits.novel(hits, seen);
  }

  /** Hits of a jail after `since` that still count towards a ban, oldest first, without their fields; the newest 200,000 at most. */
  recentHits(jail: string, since: Millis): readonly Hit[] {
    return this.#hits.watched(jail, since, 200_000);
  }

  /** Hits and bans, overall and by jail, without counting rows one by one. */
  counts(): Counts {
    return this.#hits.counts(this.#bans.countByJail());
  }

  /**
   * One slice of tidying up: forgets hits and offences beyond their retention and gives free room back to the disk. Returns whether
   * there is more to do: call again soon, with other work in between. Throws nothing: a file that cannot be written is told of by `keep`.
   */
  purge(): boolean {
    if (!this.#backlog.attempt()) return false;
    const { hits, offences } = this.#retention;
    const now = this.#clock();
    try {
      const gone = this.#store.transaction(() => this.#hits.purge(now - hits, SLICE) + this.#bans.purge(now - offences, SLICE));
      return gone >= SLICE || this.#store.shrink(SPARE_PAGES, SLICE);
    } catch (thrown) {
      this.#backlog.failed(thrown);
      return false;
    }
  }

  /**
   * Looks whether the wall clock was set back: then the ends of bans move with it, so that what is left of each stays what it was. To be
   * called every second or so; everything that writes does it first.
   */
  followClock(): void {
    this.#watch.follow(
      (by, before) => {
        this.#backlog.moveEnds(by, before);
        this.#force.moveEnds(by);
      },
      (by, before) => this.#commit(() => this.#bans.moveEnds(by, before)),
    );
  }

  /** Closes the file, after a last attempt to write what waits. A second call does nothing. */
  close(): void {
    this.#backlog.close();
    this.#store.close();
  }

  /** What has to be in the file before something else is written. Throws LedgerError. */
  #settle(): void {
    this.followClock();
    this.#backlog.catchUp();
  }

  #write({ verdicts, cursors }: Batches): readonly Ban[] {
    const now = this.#clock();
    const set = new Map<string, Ban>();
    this.#commit(() => {
      this.#hits.add(verdicts, now - this.#retention.hits);
      for (const verdict of verdicts) {
        if (verdict.kind !== 'ban' || !this.#bans.add(verdict.ban, now, now - this.#retention.offences)) continue;
        set.set(`${verdict.ban.jail} ${verdict.ban.network}`, verdict.ban);
      }
      for (const { source, cursor } of cursors) this.#cursors.put.run(source, cursor);
    });
    return [...set.values()];
  }

  #commit<T>(work: () => T): T {
    const result = this.#store.transaction(work);
    this.#backlog.works();
    return result;
  }
}
