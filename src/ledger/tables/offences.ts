// The table of offences: every ban, in force or over. The length of the next ban of a network depends on the rows of the network.
import { LedgerError } from '../../errors.ts';
import { numeric } from '../../lib/store/cells.ts';
import type { Network } from '../../lib/address.ts';
import type { Row } from '../../lib/store/driver.ts';
import type { Query, Store } from '../../lib/store/store.ts';
import type { Move } from '../clock.ts';
import { LAST_INSTANT, type RowReader } from './rows.ts';
import { LONGEST_REASON } from '../../words/desk.ts';
import type { Millis } from '../../words/ports.ts';
import { NOTHING_KNOWN, type Ban, type Past, type Subject } from '../../words/walk.ts';

/** Stands for "for ever" where ends are compared in SQL. */
export const FOREVER = Number.MAX_SAFE_INTEGER;

/** The maximum number of offences that are kept, of any age. The oldest offences are deleted first. */
const MOST_OFFENCES = 2_000_000;

/** The offences of a store. No method begins a transaction. */
export class OffenceTable {
  readonly #store: Store;
  readonly #rows: RowReader;
  readonly #queries: Readonly<Record<keyof typeof SQL, Query>>;

  constructor(store: Store, rows: RowReader) {
    this.#rows = rows;
    this.#store = store;
    this.#queries = store.prepareAll(SQL);
  }

  /**
   * The history of each subject, in order. One query reads all subjects, because a query for each subject costs four times as much. When the
   * file is damaged, the store repairs it, and the query is run again.
   */
  past(asked: readonly Subject[]): readonly Past[] {
    const pasts = asked.map((): Past => NOTHING_KNOWN);
    const rows = this.#rowsOf(JSON.stringify(asked.map(({ network, jail }) => [network, jail])));
    for (const row of rows) pasts[Number(row['place'])] = this.#pastOf(row);
    return pasts;
  }

  #rowsOf(asked: string): readonly Row[] {
    try {
      return this.#queries.past.all(asked);
    } catch (thrown) {
      if (!(thrown instanceof LedgerError)) throw thrown;
      this.#store.look();
      return this.#queries.past.all(asked);
    }
  }

  /** The end is that of the ban or that of the last offence, whichever is later. When the offence was purged, only the ban counts. */
  #pastOf(row: Row): Past {
    const { ban, banSince, banEnd, offence, since, end } = row;
    const isBanned = ban !== null && this.#rows.isOffence(ban, banSince, banEnd, FOREVER);
    const isOffender = offence !== null && this.#rows.isOffence(offence, since, end, FOREVER);
    if (!isBanned && !isOffender) return NOTHING_KNOWN;
    const last = Math.max(isOffender ? Number(end) : -Infinity, isBanned ? Number(banEnd) : -Infinity);
    return {
      bannedUntil: last === FOREVER ? null : last,
      lastOffence: Number(isOffender ? since : banSince),
      offences: Number(isOffender ? offence : ban),
    };
  }

  /** Adds the offence of a ban. */
  add({ network, jail, since, until, offence, origin, reason }: Ban): void {
    this.#queries.add.run(network, jail, since, until, offence, origin, reason.slice(0, LONGEST_REASON));
  }

  /** Ends the offences of a network in a jail at the instant `at`, if they would end later. */
  end({ network, jail }: Subject, at: Millis): void {
    this.#queries.end.run(at, network, jail, at);
  }

  /** Deletes the offences of a network in all jails. */
  forget(network: Network): void {
    this.#queries.forget.run(network);
  }

  /** Moves ends, or whole offences. */
  move(move: Move): void {
    if (move.kind === 'ends') this.#queries.moveEnds.run(move.by, move.after);
    else this.#queries.moveWhole.run(move.by, move.by, move.from);
  }

  /**
   * Deletes at most `limit` offences that ended before `oldest`, and at most `limit` beyond MOST_OFFENCES. Returns the number of deleted
   * offences.
   */
  purge(oldest: Millis, limit: number): number {
    return this.#queries.purgeOld.run(oldest, limit) + this.#queries.purgeExcess.run(MOST_OFFENCES, limit);
  }
}

const SQL = {
  past: `SELECT a.key AS place, ${numeric('b.since')} AS banSince, ifnull(${numeric('b.until')}, ${FOREVER}) AS banEnd,
    ${numeric('b.offence')} AS ban, ${numeric('o.since')} AS since, ifnull(${numeric('o.until')}, ${FOREVER}) AS end,
    ${numeric('o.offence')} AS offence
    FROM json_each(?) a LEFT JOIN bans b ON b.jail = a.value ->> 1 AND b.network = a.value ->> 0
    LEFT JOIN offences o ON o.id = (SELECT id FROM offences WHERE network = a.value ->> 0 AND jail = a.value ->> 1
    AND since <= ${LAST_INSTANT} ORDER BY since DESC, id DESC LIMIT 1) WHERE b.offence IS NOT NULL OR o.offence IS NOT NULL`,
  add: 'INSERT INTO offences (network, jail, since, until, offence, origin, reason) VALUES (?, ?, ?, ?, ?, ?, ?)',
  end: 'UPDATE offences SET until = ? WHERE network = ? AND jail = ? AND (until IS NULL OR until > ?)',
  forget: 'DELETE FROM offences WHERE network = ?',
  moveEnds: 'UPDATE offences SET until = until + ? WHERE until > ?',
  moveWhole: `UPDATE offences SET since = since + ?, until = until + ? WHERE since BETWEEN ? AND ${LAST_INSTANT}`,
  purgeOld: 'DELETE FROM offences WHERE id IN (SELECT id FROM offences WHERE until < ? LIMIT ?)',
  // A damaged page, or another program, may have made a row number that this program never reaches.
  purgeExcess: `DELETE FROM offences WHERE id IN (SELECT id FROM offences
    WHERE id <= (SELECT max(id) FROM offences WHERE id <= ${Number.MAX_SAFE_INTEGER}) - ? LIMIT ?)`,
} as const;
