// The tables of the ledger, in one store. Each table has its own class. No method begins a transaction.
import type { Network } from '../../lib/address.ts';
import type { Store } from '../../lib/store/store.ts';
import type { Log, Millis } from '../../words/ports.ts';
import type { Ban, CursorOf, Verdict } from '../../words/walk.ts';
import type { Move } from '../clock.ts';
import { BanTable } from './bans.ts';
import { CursorTable } from './cursors.ts';
import { HitTable } from './hits.ts';
import { OffenceTable } from './offences.ts';
import { RiderTable } from './riders.ts';
import { RowReader } from './rows.ts';

export { LEDGER_SCHEMA } from './schema.ts';
export type { BanTable, Page, Place } from './bans.ts';
export type { Counts } from './hits.ts';

/** The content of one transaction: verdicts, and the cursors after them. */
export interface Batch {
  readonly verdicts: readonly Verdict[];
  readonly cursors: readonly CursorOf[];
}

/** The current time, and the instants before which hits and ended offences are not kept. */
export interface Times {
  readonly now: Millis;
  readonly oldestHit: Millis;
  readonly oldestOffence: Millis;
}

/** The tables of a store. */
export class Tables {
  readonly offences: OffenceTable;
  readonly bans: BanTable;
  readonly hits: HitTable;
  readonly cursors: CursorTable;
  readonly riders: RiderTable;

  /** Bad rows are reported to `log`. */
  constructor(store: Store, log: Pick<Log, 'warn'>) {
    const rows = new RowReader(store.path, log);
    this.offences = new OffenceTable(store, rows);
    this.bans = new BanTable(store, this.offences, rows);
    this.hits = new HitTable(store, rows);
    this.cursors = new CursorTable(store);
    this.riders = new RiderTable(store);
  }

  /** Writes the rows of a batch. Returns the bans that are newly in force, one for each network and jail. */
  add({ verdicts, cursors }: Batch, { now, oldestHit, oldestOffence }: Times): readonly Ban[] {
    const set = new Map<string, Ban>();
    this.hits.add(verdicts, oldestHit);
    for (const verdict of verdicts) {
      if (verdict.kind !== 'ban' || !this.bans.add(verdict.ban, now, oldestOffence)) continue;
      set.set(`${verdict.ban.jail} ${verdict.ban.network}`, verdict.ban);
    }
    for (const { source, cursor } of cursors) this.cursors.put(source, cursor);
    return [...set.values()];
  }

  /** Ends at most `most` bans inside these networks, or of all bans. With `forget`, deletes their offences, and the offences of `ranges`. */
  endWithin(
    ranges: readonly Network[] | 'all',
    now: Millis,
    { most, forget }: { readonly most: number; readonly forget: boolean },
  ): readonly Ban[] {
    const ended = this.bans.endWithin(ranges === 'all' ? [undefined] : ranges, now, most);
    if (!forget) return ended;
    const named = ranges === 'all' ? [] : ranges;
    for (const network of new Set([...named, ...ended.map((ban) => ban.network)])) this.offences.forget(network);
    return ended;
  }

  /** Makes moves of ends, which move the ends of all bans in force, and moves of whole bans. */
  move(moves: readonly Move[]): void {
    for (const move of moves) {
      this.offences.move(move);
      this.bans.move(move);
    }
  }

  /** Deletes one slice of the hits and offences that are too old or too many: at most twice `limit` of each. Returns the number of deleted rows. */
  purge({ oldestHit, oldestOffence }: Times, limit: number): number {
    return this.hits.purge(oldestHit, limit) + this.offences.purge(oldestOffence, limit);
  }
}
