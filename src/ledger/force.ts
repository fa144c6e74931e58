// What is in force: the bans of the file together with those that could not be written down yet, and the end of both.
// A part of the ledger, which lends it the file.
import { LedgerError } from '../errors.ts';
import type { Network } from '../lib/address.ts';
import type { Ban, Clock, Entry, Millis, Sample } from '../types.ts';
import type { BanTable } from './bans.ts';
import type { UnwrittenBans } from './unwritten.ts';

/** Bans that `expired` takes out of the file at once, some ten milliseconds; more wait for the next call. */
const MOST_EXPIRED = 2_000;

/** Time after which bans that are over are tried to be taken out of the file again (milliseconds). */
const RETRY: Millis = 1000;

/** Bans of one page: some milliseconds. */
const PAGE = 2000;

/** What it is given. */
export interface ForcePorts {
  readonly clock: Clock;
  readonly table: BanTable;
  readonly unwritten: UnwrittenBans;
  /** Bans that are in force at a time; more are ended early. */
  readonly most: number;
  /** Runs in one transaction. Throws LedgerError. */
  readonly transaction: <T>(work: () => T) => T;
  /** Told of a transaction that failed. */
  readonly failed: (thrown: unknown) => void;
}

/** The bans in force of one ledger. */
export class Force {
  readonly #ports: ForcePorts;
  /** Bans that ended up to this time have been told, though they may be in the file still; undefined: there are none. */
  #told: Millis | undefined;
  /** The row that the last sample ended with. */
  #sampled = -1;

  constructor(ports: ForcePorts) {
    this.#ports = ports;
  }

  /** Ends bans that are over, see Ledger. */
  expired(): readonly Ban[] {
    const { clock, table, unwritten, transaction, failed } = this.#ports;
    const now = clock();
    const kept = unwritten.expire(now);
    const told = this.#told ?? 0;
    try {
      const due = (table.nextEnd(0) ?? Infinity) <= now;
      const gone = due ? transaction(() => table.expire(now, MOST_EXPIRED)) : [];
      if (gone.length < MOST_EXPIRED) this.#told = undefined;
      return [...kept, ...gone.filter(({ until }) => until !== null && until > told)];
    } catch (thrown) {
      if (!(thrown instanceof LedgerError)) throw thrown;
      failed(thrown);
      this.#told = now;
      return [...kept, ...table.over(told, now)];
    }
  }

  /** Ends bans before their time, some at a time, while there are more than so many; those from a log that would end first. */
  evict(): readonly Ban[] {
    const { clock, table, transaction, most } = this.#ports;
    const excess = Math.min(MOST_EXPIRED, table.count() - most);
    return excess > 0 ? transaction(() => table.evict(excess, clock())) : [];
  }

  /** When `expired` should be asked next; undefined: not before there is another ban. */
  nextEnd(): Millis | undefined {
    const { table, unwritten } = this.#ports;
    const retry = this.#told === undefined ? undefined : this.#told + RETRY;
    const ends = [table.nextEnd(this.#told ?? 0), unwritten.nextEnd(), retry].filter((end) => end !== undefined);
    return ends.length === 0 ? undefined : Math.min(...ends);
  }

  /** All, or those inside a network. */
  list(within: Network | undefined): readonly Ban[] {
    const now = this.#ports.clock();
    return this.#ports.unwritten.merge(this.#ports.table.list(within, now), within, now);
  }

  /** All, a page at a time; what comes or goes between two pages may be in it or not. */
  *pages(): Generator<readonly Ban[]> {
    const { table, unwritten, clock } = this.#ports;
    yield unwritten.merge([], undefined, clock());
    for (let after = -1; ;) {
      const { bans, last } = table.page(after, PAGE);
      yield bans;
      if (bans.length < PAGE) return;
      after = last;
    }
  }

  /** What the firewall should hold. */
  entries(): readonly Entry[] {
    const now = this.#ports.clock();
    return this.#ports.unwritten.mergeEntries(this.#ports.table.entries(now), undefined, now);
  }

  /** The same, or a sample when there are more than `most`: a page of them, the next one each time. */
  wanted(most: number): readonly Entry[] | Sample {
    const { table } = this.#ports;
    const count = table.count();
    if (count <= most) return this.entries();
    const { bans, last } = table.page(this.#sampled, PAGE);
    this.#sampled = bans.length < PAGE ? -1 : last;
    return { count, sample: this.entriesFor([...new Set(bans.map((ban) => ban.network))]) };
  }

  /** The same of these networks alone. */
  entriesFor(networks: readonly Network[]): readonly Entry[] {
    const now = this.#ports.clock();
    const written = this.#ports.table.entriesFor(networks, now);
    return this.#ports.unwritten.mergeEntries(written, new Set(networks), now);
  }

  /** The clock was set back. */
  moveEnds(by: Millis): void {
    if (this.#told !== undefined) this.#told += by;
  }
}
