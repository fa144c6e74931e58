// Ends bans: at their time, or early because too many bans are in force.
import { LedgerError } from '../errors.ts';
import type { Clock } from '../words/ports.ts';
import type { Ban } from '../words/walk.ts';
import type { BanTable } from './tables/tables.ts';
import type { UnwrittenBans } from './backlog/backlog.ts';

/** The maximum number of bans that one call ends, which takes about 10 ms. The next call ends more bans. */
const MOST_ENDED = 2000;

/** The ports of the endings. */
interface EndingsPorts {
  readonly clock: Clock;
  readonly table: BanTable;
  readonly unwritten: UnwrittenBans;
  /** The maximum number of bans in force; surplus bans are ended early. */
  readonly most: number;
  /** Ends the bans that `work` returns, in one transaction. Throws LedgerError. */
  readonly transaction: (work: () => readonly Ban[]) => readonly Ban[];
  /** Gets the error of a failed transaction. Throws the error again unless it is a LedgerError. */
  readonly failed: (thrown: unknown) => void;
}

/** Ends bans of one ledger, and returns each ended ban once. */
export class Endings {
  readonly #ports: EndingsPorts;

  constructor(ports: EndingsPorts) {
    this.#ports = ports;
  }

  /**
   * Ends bans whose time is over, and returns them. While the file cannot be written, each ban is returned once and deleted later.
   * Throws LedgerError when the file cannot be read; then a later call returns the bans.
   */
  expired(): readonly Ban[] {
    const { clock, table, unwritten, transaction, failed } = this.#ports;
    const now = clock();
    const reported = unwritten.reportedUntil ?? -Infinity;
    try {
      const isDue = (table.nextEnd(-Infinity) ?? Infinity) <= now;
      const deleted = isDue ? transaction(() => table.expire(now, MOST_ENDED)) : [];
      if ((table.nextEnd(-Infinity) ?? Infinity) > reported) unwritten.reportedUntil = undefined;
      return [...unwritten.expire(now), ...deleted.filter(({ until }) => until !== null && until > reported)];
    } catch (thrown) {
      if (!(thrown instanceof LedgerError)) throw thrown;
      failed(thrown);
      const over = table.over(reported, now);
      unwritten.reportedUntil = Math.max(reported, now);
      return [...unwritten.expire(now), ...over];
    }
  }

  /** When too many bans are in force, ends the bans from a log that would end first, and returns them. Throws LedgerError. */
  evict(): readonly Ban[] {
    const { clock, table, transaction, most } = this.#ports;
    const excess = Math.min(MOST_ENDED, table.count() - most);
    return excess > 0 ? transaction(() => table.evict(excess, clock())) : [];
  }
}
