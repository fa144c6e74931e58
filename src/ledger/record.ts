// The door of the ledger: what the program wants, written down before anything is done about it. The firewall follows.
import type { Network } from '../lib/address.ts';
import type { Ban, Clock, Entry, Hit, Log, Millis, Past, Verdict } from '../types.ts';
import { BanTable } from './bans.ts';
import { HitTable } from './hits.ts';
import { Store, type Query } from './store/store.ts';

export { Expiry, type ExpiryPorts } from './expiry.ts';

/** How a ledger is opened. */
export interface LedgerOptions {
  readonly log: Log;
  readonly clock: Clock;
  /** Works on a snapshot: everything can be asked and recorded, nothing of it reaches the disk. No file is an empty ledger. */
  readonly readOnly?: boolean;
  /** How long hits are kept. Default: 90 days. */
  readonly hitRetention?: Millis;
  /** How long past offences are kept: at least the longest `bantime_forget`. Default: 90 days. */
  readonly offenceRetention?: Millis;
  /** How long a write waits for another program that writes. Default: 5 seconds. */
  readonly busyTimeout?: Millis;
}

/** How much there is. */
export interface Counts {
  /** Bans in force. */
  readonly bans: number;
  /** Hits on record. */
  readonly hits: number;
  readonly jails: Readonly<Record<string, { readonly hits: number; readonly bans: number; readonly spared: number }>>;
}

const RETENTION: Millis = 90 * 86_400_000;

/** Rows and pages of one slice of tidying up: some ten milliseconds. */
const SLICE = 2000;

/** Bans that `expired` returns at once; more wait for the next call. */
const MOST_EXPIRED = 10_000;

/** Free pages below this are left in the file for what comes next. */
const SPARE_PAGES = 256;

/**
 * Bans, offences, hits and cursors in one file. Every method is one transaction, lasting when it returns; it throws LedgerError when
 * the file cannot be read or written, and then nothing of the transaction is kept.
 */
export class Ledger {
  readonly #store: Store;
  readonly #bans: BanTable;
  readonly #hits: HitTable;
  readonly #putCursor: Query;
  readonly #getCursor: Query;
  readonly #clock: Clock;
  readonly #hitRetention: Millis;
  readonly #offenceRetention: Millis;

  private constructor(store: Store, options: LedgerOptions) {
    this.#store = store;
    this.#bans = new BanTable(store);
    this.#hits = new HitTable(store);
    this.#putCursor = store.prepare('INSERT OR REPLACE INTO cursors (source, cursor) VALUES (?, ?)');
    this.#getCursor = store.prepare('SELECT cursor FROM cursors WHERE source = ?');
    this.#clock = options.clock;
    this.#hitRetention = options.hitRetention ?? RETENTION;
    this.#offenceRetention = options.offenceRetention ?? RETENTION;
  }

  /**
   * Opens or makes the file at `path`, its folder included; `:memory:` is a ledger without a file. Throws LedgerError: no rights, no
   * ledger, written by a newer version.
   */
  static open(path: string, options: LedgerOptions): Ledger {
    return new Ledger(Store.open(path, options), options);
  }

  /** What is known of a network in a jail. Costs the same whatever the size of the ledger. Bound: can be handed on as it is. */
  readonly past = (network: Network, jail: string): Past => this.#bans.past(network, jail);

  /**
   * Writes down verdicts and cursor. Returns the bans that are newly in force; those that are over by now are past offences only, and
   * hits older than the retention are left out.
   */
  record(verdicts: readonly Verdict[], cursor?: { readonly source: string; readonly cursor: string }): readonly Ban[] {
    const now = this.#clock();
    const set = new Map<string, Ban>();
    this.#store.transaction(() => {
      this.#hits.add(verdicts, now - this.#hitRetention);
      for (const verdict of verdicts) {
        if (verdict.kind !== 'ban' || !this.#bans.add(verdict.ban, now, now - this.#offenceRetention)) continue;
        set.set(`${verdict.ban.jail} ${verdict.ban.network}`, verdict.ban);
      }
      if (cursor) this.#putCursor.run(cursor.source, cursor.cursor);
    });
    return [...set.values()];
  }

  /** Bans by hand: the newest word counts, also when it is shorter than the one before. Returns those that are in force. */
  recordBans(bans: readonly Ban[]): readonly Ban[] {
    const now = this.#clock();
    const set = bans.filter(({ until }) => until === null || until > now);
    this.#store.transaction(() => {
      for (const ban of set) this.#bans.replace(ban);
    });
    return set;
  }

  /**
   * Ends every ban inside each network, or all, and returns them. The offences stay on record and end now, so that a later hit makes
   * the next, longer ban.
   */
  unban(ranges: readonly Network[] | 'all'): readonly Ban[] {
    const now = this.#clock();
    const wanted = ranges === 'all' ? [undefined] : ranges;
    return this.#store.transaction(() => wanted.flatMap((range) => this.#bans.endWithin(range, now)));
  }

  /** Ends exactly these bans, by network and jail; another jail's ban of the same network stays. Returns those that were there. */
  end(bans: readonly Ban[]): readonly Ban[] {
    return this.#store.transaction(() => this.#bans.end(bans, this.#clock()));
  }

  /** Takes the bans that are over out of force and returns them, at most 10,000: call again while it returns any. */
  expired(): readonly Ban[] {
    return this.#store.transaction(() => this.#bans.expire(this.#clock(), MOST_EXPIRED));
  }

  /** The next end of a ban that has one. */
  nextEnd(): Millis | undefined {
    return this.#bans.nextEnd();
  }

  /** Bans in force, oldest first: all, or those inside a network. */
  bans(within?: Network): readonly Ban[] {
    return this.#bans.list(within, this.#clock());
  }

  /** Bans in force that hold the whole of this network: its own and those of wider networks. */
  bansAround(network: Network): readonly Ban[] {
    return this.#bans.around(network, this.#clock());
  }

  /** What the firewall should hold: each banned network once, with the latest end over all jails. */
  entries(): readonly Entry[] {
    return this.#bans.entries(this.#clock());
  }

  /** The same for these networks; those that are not banned are left out. */
  entriesFor(networks: readonly Network[]): readonly Entry[] {
    const now = this.#clock();
    return networks.flatMap((network) => this.#bans.entry(network, now) ?? []);
  }

  /** Where reading of a source goes on. */
  cursor(source: string): string | undefined {
    const cursor = this.#getCursor.get(source)?.['cursor'];
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
    const jails: Record<string, { hits: number; bans: number; spared: number }> = {};
    const of = (jail: string): { hits: number; bans: number; spared: number } => (jails[jail] ??= { hits: 0, bans: 0, spared: 0 });
    const sum = { bans: 0, hits: 0 };
    for (const { jail, verdict, hits } of this.#hits.tallies()) {
      sum.hits += hits;
      of(jail).hits += hits;
      if (verdict === 'spare') of(jail).spared += hits;
    }
    for (const [jail, bans] of this.#bans.countByJail()) {
      sum.bans += bans;
      of(jail).bans += bans;
    }
    return { ...sum, jails };
  }

  /**
   * One slice of tidying up: forgets hits and offences beyond their retention and gives free room back to the disk. Returns whether
   * there is more to do: call again soon, with other work in between.
   */
  purge(): boolean {
    const now = this.#clock();
    const gone = this.#store.transaction(
      () => this.#hits.purge(now - this.#hitRetention, SLICE) + this.#bans.purge(now - this.#offenceRetention, SLICE),
    );
    return gone >= SLICE || this.#store.shrink(SPARE_PAGES, SLICE);
  }

  /**
   * The wall clock was set back by `step` (negative milliseconds): the ends of bans move with it, so that what is left of each stays
   * what it was.
   */
  clockSetBack(step: Millis): void {
    this.#store.transaction(() => this.#bans.moveEnds(step, this.#clock() - step));
  }

  /** Closes the file. A second call does nothing. */
  close(): void {
    this.#store.close();
  }
}
