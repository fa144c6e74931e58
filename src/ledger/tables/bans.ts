// The table of bans in force.
import { firstAddress, networkOf, prefixOf, rangeOf, type Network } from '../../lib/address.ts';
import { cell, shownOf } from '../../lib/store/cells.ts';
import type { Row } from '../../lib/store/driver.ts';
import type { Query, Store } from '../../lib/store/store.ts';
import { LONGEST_REASON } from '../../words/desk.ts';
import type { Entry } from '../../words/firewall.ts';
import type { Millis } from '../../words/ports.ts';
import type { Ban } from '../../words/walk.ts';
import type { Move } from '../clock.ts';
import { IS_SOUND, type RowReader } from './rows.ts';
import { FOREVER, type OffenceTable } from './offences.ts';

const NAMES = ['network', 'jail', 'since', 'until', 'offence', 'origin', 'reason', 'forced'] as const;

/** The columns of a ban as they are read. */
const COLUMNS = NAMES.map((name) => cell(name, { longest: LONGEST_REASON })).join(', ');

/** Some bans of a list. The next bans are after `next`; undefined when there are no more. A page has fewer bans than rows when rows are bad. */
export interface Page<Next> {
  readonly bans: readonly Ban[];
  readonly next: Next | undefined;
}

/** The place of a row in the order of networks: the first and the last address of its network, and the number of the row. */
export type Place = readonly [first: string, last: string, row: number];

/** The bans of a store. Each ban also has a row in the table of offences, which stays after the ban has ended. No method begins a transaction. */
export class BanTable {
  readonly #queries: Readonly<Record<keyof typeof SQL, Query>>;
  readonly #offences: OffenceTable;

  readonly #rows: RowReader;
  /** A list with the ban of a row, or an empty list for a bad row. */
  readonly #banOf = (row: Row): readonly Ban[] => {
    const ban = this.#rows.ban(row);
    return ban ? [ban] : [];
  };

  constructor(store: Store, offences: OffenceTable, rows: RowReader) {
    this.#offences = offences;
    this.#rows = rows;
    this.#queries = store.prepareAll(SQL);
  }

  /**
   * Adds a ban: as an offence if it ends after `oldest`, and in force if it ends after `now`. Returns true when the ban is newly in force.
   * Returns false when the ban is over, or when its network and jail have an earlier ban that ends at the same time or later.
   */
  add(ban: Ban, now: Millis, oldest: Millis): boolean {
    const end = ban.until ?? FOREVER;
    if (end > oldest) this.#offences.add(ban);
    if (end <= now) return false;
    const standing = this.#queries.ban.get(ban.jail, ban.network);
    if (standing && endOf(standing) >= end) return false;
    this.#put(ban);
    return true;
  }

  /** Adds a ban that replaces the earlier ban of its network and jail, even if the earlier ban would last longer. */
  replace(ban: Ban): void {
    this.#offences.end(ban, ban.since);
    this.#offences.add(ban);
    this.#put(ban);
  }

  /** Ends at most `most` bans inside these networks (undefined: all networks) before their time. Returns the ended bans. */
  endWithin(ranges: readonly (Network | undefined)[], now: Millis, most: number): readonly Ban[] {
    const ended: Ban[] = [];
    for (const range of ranges) {
      const limit = most === Infinity ? -1 : most - ended.length;
      if (limit === 0) break;
      const rows = range ? this.#queries.removeWithin.all(...within(range), limit) : this.#queries.removeAll.all(limit);
      for (const ban of rows.flatMap(this.#banOf)) ended.push(ban);
    }
    for (const ban of ended) this.#offences.end(ban, now);
    return ended;
  }

  /** Ends exactly these bans before their time, by network and jail. Returns the bans that were in force. */
  end(bans: readonly Ban[], now: Millis): readonly Ban[] {
    return bans.flatMap((ban) => {
      this.#offences.end(ban, now);
      return this.#queries.remove.all(ban.jail, ban.network).flatMap(this.#banOf);
    });
  }

  /** Deletes at most `limit` expired bans, earliest end first. Returns the deleted bans. */
  expire(now: Millis, limit: number): readonly Ban[] {
    return this.#queries.removeOver.all(now, limit).flatMap(this.#banOf);
  }

  /** Bans that ended after the instant `after`, up to `now`. */
  over(after: Millis, now: Millis): readonly Ban[] {
    return this.#queries.listOver.all(after, now).flatMap(this.#banOf);
  }

  /** The first end after an instant. Undefined: there is no later end. */
  nextEnd(after: Millis): Millis | undefined {
    const end = this.#queries.nextEnd.get(after)?.['until'];
    return typeof end === 'number' ? end : undefined;
  }

  /** Bans in force, oldest first: all bans, or the bans inside a network. */
  list(range: Network | undefined, now: Millis): readonly Ban[] {
    return (range ? this.#queries.listWithin.all(...within(range), now) : this.#queries.list.all(now)).flatMap(this.#banOf);
  }

  /** At most `limit` bans after a row, in the order of rows, including expired bans. The next page begins after the row `next`. */
  page(after: number, limit: number): Page<number> {
    const rows = this.#queries.page.all(after, limit);
    const last = rows.length < limit ? undefined : rows.at(-1);
    return { bans: rows.flatMap(this.#banOf), next: last && Number(last['row']) };
  }

  /** At most `limit` bans inside a network, in the order of networks, including expired bans. The next page begins at `next`. */
  pageWithin(range: Network, from: Place | undefined, limit: number): Page<Place> {
    const [first, last] = ends(range);
    const rows = this.#queries.pageWithin.all(...(from ?? [first, '', -1]), last, last, limit);
    const end = rows.length < limit ? undefined : rows.at(-1);
    return {
      bans: rows.flatMap(this.#banOf),
      next: end && [String(end['first']), String(end['last']), Number(end['row'])],
    };
  }

  /** The ban of a network by a jail, if it is in force. */
  of(network: Network, jail: string, now: Millis): Ban | undefined {
    return this.#queries.ofJail.all(jail, network, now).flatMap(this.#banOf)[0];
  }

  /** Bans in force of exactly this network, and of the networks that contain it. */
  around(network: Network, now: Millis): readonly Ban[] {
    const wider = Array.from({ length: prefixOf(network) + 1 }, (_, prefix) => networkOf(firstAddress(network), prefix));
    return wider.flatMap((each) => this.#queries.exactly.all(each, ...ends(each), now).flatMap(this.#banOf));
  }

  /** Each network with a ban in force by a jail that is not in `without`. Each has the latest end of these bans. */
  entries(now: Millis, without: ReadonlySet<string>): readonly Entry[] {
    const entries: Entry[] = [];
    for (const row of this.#queries.entries.all(now, listOf(without))) {
      const network = this.#rows.network(row);
      // The rows of a network follow one another, the latest end first.
      if (network !== undefined && network !== entries.at(-1)?.network) entries.push(entryOf(network, row));
    }
    return entries;
  }

  /** Entries as `entries` returns them, but of these networks only and in the order of `networks`. One query serves all networks. */
  entriesFor(networks: readonly Network[], now: Millis, without: ReadonlySet<string>): readonly Entry[] {
    const asked = JSON.stringify(networks.map((network) => [network, ...ends(network)]));
    const rows = this.#queries.entriesFor.all(asked, now, listOf(without));
    return rows.flatMap((row) => (row['until'] === null ? [] : entryOf(row['network'] as Network, row)));
  }

  /** Ends at most `limit` bans from a log, earliest end first; bans for ever stay. Returns the ended bans. */
  evict(limit: number, now: Millis): readonly Ban[] {
    const evicted = this.#queries.evict.all(limit).flatMap(this.#banOf);
    for (const ban of evicted) this.#offences.end(ban, now);
    return evicted;
  }

  /** The number of rows, including expired bans. */
  count(): number {
    return Number(this.#queries.count.get()?.['bans']);
  }

  /** The number of rows of each jail, including expired bans. */
  countByJail(): ReadonlyMap<string, number> {
    return new Map(this.#queries.countByJail.all().map((row) => [shownOf(row['jail']), Number(row['bans'])]));
  }

  /** Moves the ends of all bans, or whole bans. */
  move(move: Move): void {
    if (move.kind === 'ends') this.#queries.moveEnds.run(move.by);
    else this.#queries.moveWhole.run(move.by, move.by, move.from);
  }

  #put({ network, jail, since, until, offence, origin, reason, forced }: Ban): void {
    const text = reason.slice(0, LONGEST_REASON);
    this.#queries.put.run(network, jail, since, until, offence, origin, text, forced ? 1 : 0, ...ends(network));
  }
}

const SQL = {
  ban: `SELECT until FROM bans WHERE jail = ? AND network = ? AND ${IS_SOUND}`,
  put: `INSERT INTO bans (${NAMES.join(', ')}, first, last) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (jail, network) DO UPDATE SET since = excluded.since, until = excluded.until, offence = excluded.offence,
    origin = excluded.origin, reason = excluded.reason, forced = excluded.forced`,
  remove: `DELETE FROM bans WHERE jail = ? AND network = ? AND ${IS_SOUND} RETURNING ${COLUMNS}`,
  removeAll: `DELETE FROM bans WHERE rowid IN (SELECT rowid FROM bans WHERE ${IS_SOUND} LIMIT ?) RETURNING ${COLUMNS}`,
  removeWithin: `DELETE FROM bans WHERE rowid IN (SELECT rowid FROM bans WHERE first BETWEEN ? AND ? AND last <= ? AND ${IS_SOUND} LIMIT ?)
    RETURNING ${COLUMNS}`,
  removeOver: `DELETE FROM bans WHERE rowid IN (SELECT rowid FROM bans WHERE until <= ? AND ${IS_SOUND} ORDER BY until LIMIT ?) RETURNING ${COLUMNS}`,
  listOver: `SELECT ${COLUMNS} FROM bans WHERE until > ? AND until <= ? ORDER BY bans.until`,
  evict: `DELETE FROM bans WHERE rowid IN (SELECT rowid FROM bans WHERE until > 0 AND origin = 'log' AND ${IS_SOUND} ORDER BY until LIMIT ?)
    RETURNING ${COLUMNS}`,
  nextEnd: `SELECT min(until) AS until FROM bans WHERE until > ? AND ${IS_SOUND}`,
  list: `SELECT ${COLUMNS} FROM bans WHERE until IS NULL OR until > ? ORDER BY bans.since, first, last, bans.jail`,
  listWithin: `SELECT ${COLUMNS} FROM bans WHERE first BETWEEN ? AND ? AND last <= ? AND (until IS NULL OR until > ?)
    ORDER BY bans.since, first, last, bans.jail`,
  // The row value is the only lower bound, so that each page begins in the index where the page before ended.
  pageWithin: `SELECT rowid AS row, first, last, ${COLUMNS} FROM bans WHERE (first, last, rowid) > (?, ?, ?) AND first <= ? AND last <= ?
    ORDER BY first, last, rowid LIMIT ?`,
  page: `SELECT rowid AS row, ${COLUMNS} FROM bans WHERE rowid > ? ORDER BY rowid LIMIT ?`,
  ofJail: `SELECT ${COLUMNS} FROM bans WHERE jail = ? AND network = ? AND (until IS NULL OR until > ?)`,
  exactly: `SELECT ${COLUMNS} FROM bans WHERE network = ? AND first = ? AND last = ? AND (until IS NULL OR until > ?)`,
  // The comparison with '[]' saves 3 % of the time when every jail counts.
  // The order is that of an index. `network` is a part of it, because another program may have given several networks equal `first` and `last`.
  entries: `SELECT network, ifnull(until, ${FOREVER}) AS until FROM bans
    WHERE (bans.until IS NULL OR bans.until > ?1) AND ${IS_SOUND} AND (?2 = '[]' OR jail NOT IN (SELECT value FROM json_each(?2)))
    ORDER BY first, last, network, ifnull(bans.until, ${FOREVER}) DESC`,
  entriesFor: `SELECT value ->> 0 AS network, (SELECT max(ifnull(until, ${FOREVER})) FROM bans
    WHERE first = value ->> 1 AND last = value ->> 2 AND network = value ->> 0 AND (until IS NULL OR until > ?2) AND ${IS_SOUND}
    AND (?3 = '[]' OR jail NOT IN (SELECT value FROM json_each(?3)))) AS until FROM json_each(?1)`,
  count: 'SELECT count(*) AS bans FROM bans',
  countByJail: `SELECT ${cell('jail')}, count(*) AS bans FROM bans GROUP BY bans.jail`,
  moveEnds: `UPDATE bans SET until = until + ? WHERE until IS NOT NULL AND ${IS_SOUND}`,
  moveWhole: `UPDATE bans SET since = since + ?, until = until + ? WHERE since >= ? AND ${IS_SOUND}`,
} as const;

const listOf = (jails: ReadonlySet<string>): string => JSON.stringify([...jails]);

function ends(network: Network): readonly [string, string] {
  const { first, last } = rangeOf(network);
  return [first, last];
}

function within(network: Network): readonly [string, string, string] {
  const { first, last } = rangeOf(network);
  return [first, last, last];
}

function endOf(row: Row): number {
  const { until } = row;
  return typeof until === 'number' ? until : FOREVER;
}

function entryOf(network: Network, row: Row): Entry {
  const end = endOf(row);
  return { network, until: end === FOREVER ? null : end };
}
