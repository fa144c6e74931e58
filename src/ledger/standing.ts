// Reads the bans in force: rows of the table, merged with the bans that are not written yet.
import type { Network } from '../lib/address.ts';
import type { Entry } from '../words/firewall.ts';
import type { Clock, Millis } from '../words/ports.ts';
import type { Ban } from '../words/walk.ts';
import type { BanTable, Page, Place } from './tables/tables.ts';
import type { UnwrittenBans } from './backlog/backlog.ts';

/** The number of bans in one page, which takes a few milliseconds to read. */
const PAGE = 2000;

/** Milliseconds from a failed write to the next attempt to delete expired bans. */
const RETRY: Millis = 1000;

/** The value of `without` when no jail is left out. */
const EVERY_JAIL: ReadonlySet<string> = new Set();

/** The sources of the standing bans. */
interface StandingPorts {
  readonly clock: Clock;
  readonly table: BanTable;
  readonly unwritten: UnwrittenBans;
}

/** The bans in force of one ledger. Every method throws LedgerError when the file cannot be read. */
export class Standing {
  readonly #ports: StandingPorts;

  constructor(ports: StandingPorts) {
    this.#ports = ports;
  }

  /** Every ban in force, or every ban in force inside a network, oldest first. Bans that are not written yet come last. */
  list(within?: Network): readonly Ban[] {
    const { clock, table, unwritten } = this.#ports;
    const now = clock();
    return unwritten.merge(table.list(within, now), within, now);
  }

  /**
   * Every ban in force, or every ban in force inside a network, in pages of at most `size` bans without a particular order. A ban that begins
   * or ends between two pages may be included or left out.
   */
  *pages(within?: Network, size = PAGE): Generator<readonly Ban[]> {
    const { clock, table, unwritten } = this.#ports;
    const now = clock();
    const waiting = unwritten.merge([], within, now);
    yield waiting;
    // The file may hold an older version of an unwritten ban, and bans that are over but could not be deleted.
    const newer = new Set(waiting.map(nameOf));
    const counts = (ban: Ban): boolean => (ban.until === null || ban.until > now) && !newer.has(nameOf(ban));
    if (within === undefined) {
      for (let after: number | undefined = -Infinity; after !== undefined;) {
        const { bans, next }: Page<number> = table.page(after, size);
        yield bans.filter(counts);
        after = next;
      }
      return;
    }
    let from: Place | undefined;
    do {
      const { bans, next } = table.pageWithin(within, from, size);
      yield bans.filter(counts);
      from = next;
    } while (from);
  }

  /** The page of bans after a row of the table. The next page begins after the row `last`. On the last page, `last` is -Infinity: the beginning. */
  page(after: number): { readonly bans: readonly Ban[]; readonly last: number } {
    const { bans, next } = this.#ports.table.page(after, PAGE);
    return { bans, last: next ?? -Infinity };
  }

  /** Bans in force of exactly this network, and of the networks that contain it. */
  around(network: Network): readonly Ban[] {
    const { clock, table, unwritten } = this.#ports;
    const now = clock();
    return unwritten.mergeAround(table.around(network, now), network, now);
  }

  /** Each banned network once, with the latest end over all jails except those in `without`. */
  entries(without = EVERY_JAIL): readonly Entry[] {
    const { clock, table, unwritten } = this.#ports;
    const now = clock();
    return unwritten.mergeEntries(table.entries(now, without), { now, without });
  }

  /** Entries as `entries` returns them, of these networks only. A network without a ban in force is left out. */
  entriesFor(networks: readonly Network[], without = EVERY_JAIL): readonly Entry[] {
    const { clock, table, unwritten } = this.#ports;
    const now = clock();
    return unwritten.mergeEntries(table.entriesFor(networks, now, without), { now, without, only: new Set(networks) });
  }

  /** The number of rows of bans in all jails except those in `without`, including expired bans that are not deleted yet. */
  count(without = EVERY_JAIL): number {
    const { table } = this.#ports;
    if (without.size === 0) return table.count();
    return [...table.countByJail()].reduce((sum, [jail, count]) => (without.has(jail) ? sum : sum + count), 0);
  }

  /** The time when `Ledger.expired` has to be called next. Undefined: no call is needed before another ban is made. */
  nextEnd(): Millis | undefined {
    const { table, unwritten } = this.#ports;
    const { reportedUntil } = unwritten;
    const retry = reportedUntil === undefined ? undefined : reportedUntil + RETRY;
    const ends = [table.nextEnd(reportedUntil ?? -Infinity), unwritten.nextEnd(), retry].filter((end) => end !== undefined);
    return ends.length === 0 ? undefined : Math.min(...ends);
  }
}

function nameOf({ jail, network }: Ban): string {
  return `${jail} ${network}`;
}
