// Bans in force and past offences: the tables, and what is asked of them.
import { firstAddress, networkOf, prefixOf, rangeOf, type Network } from '../lib/address.ts';
import type { Ban, Entry, Millis, Past, Subject } from '../types.ts';
import type { Row, Value } from './store/driver.ts';
import type { Query, Store } from './store/store.ts';

const COLUMNS = 'network, jail, since, until, offence, origin, reason, forced';

/** Stands for "for ever" where ends are compared in SQL. */
const FOREVER = Number.MAX_SAFE_INTEGER;

/** A reason is an operator's sentence, not a place to store things. */
const LONGEST_REASON = 500;

/** More offences than these (one a ban) are not kept, whatever their age: the oldest go first. */
const MOST_OFFENCES = 2_000_000;

/** The bans of a store. Nothing here is a transaction of its own. */
export class BanTable {
  readonly #queries: Readonly<Record<keyof typeof SQL, Query>>;

  constructor(store: Store) {
    this.#queries = Object.fromEntries(Object.entries(SQL).map(([name, sql]) => [name, store.prepare(sql)])) as Record<
      keyof typeof SQL,
      Query
    >;
  }

  /** What is known of each, in order. One question for all: asked one by one they cost four times as much. */
  past(asked: readonly Subject[]): readonly Past[] {
    const pasts = asked.map((): Past => NOTHING_KNOWN);
    const rows = this.#queries.past.all(JSON.stringify(asked.map(({ network, jail }) => [network, jail])));
    for (const row of rows) pasts[Number(row['place'])] = pastOf(row);
    return pasts;
  }

  /**
   * Takes in a ban: an offence if it ended after `oldest`, in force if it has not ended by `now`. Returns whether it is in force and
   * news; it is not when the same jail bans the same network for as long already.
   */
  add(ban: Ban, now: Millis, oldest: Millis): boolean {
    const end = ban.until ?? FOREVER;
    if (end > oldest) this.#addOffence(ban);
    if (end <= now) return false;
    const standing = this.#queries.ban.get(ban.jail, ban.network);
    if (standing && endOf(standing) >= end) return false;
    this.#put(ban);
    return true;
  }

  /** Takes in a ban that counts instead of one of the same network and jail, also when that one would last longer. */
  replace(ban: Ban): void {
    this.#queries.endOffences.run(ban.since, ban.network, ban.jail, ban.since);
    this.#addOffence(ban);
    this.#put(ban);
  }

  /** Ends bans before their time: those within networks (undefined: all), but not more than `most`. Returns them. */
  endWithin(ranges: readonly (Network | undefined)[], now: Millis, most: number): readonly Ban[] {
    const ended: Ban[] = [];
    for (const range of ranges) {
      const limit = most === Infinity ? -1 : most - ended.length;
      if (limit === 0) break;
      const rows = range ? this.#queries.removeWithin.all(...within(range), limit) : this.#queries.removeAll.all(limit);
      for (const row of rows) ended.push(banOf(row));
    }
    for (const ban of ended) this.#queries.endOffences.run(now, ban.network, ban.jail, now);
    return ended;
  }

  /** Ends exactly these bans before their time. Returns those that were there. */
  end(bans: readonly Ban[], now: Millis): readonly Ban[] {
    return bans.flatMap(({ network, jail }) => {
      this.#queries.endOffences.run(now, network, jail, now);
      return this.#queries.remove.all(jail, network).map(banOf);
    });
  }

  /** Takes out the bans that are over, at most `limit`, those first that ended first. */
  expire(now: Millis, limit: number): readonly Ban[] {
    return this.#queries.removeOver.all(now, limit).map(banOf);
  }

  /** The bans that ended after one instant and by another. */
  over(after: Millis, now: Millis): readonly Ban[] {
    return this.#queries.listOver.all(after, now).map(banOf);
  }

  /** The first end after an instant. */
  nextEnd(after: Millis): Millis | undefined {
    const end = this.#queries.nextEnd.get(after)?.['until'];
    return typeof end === 'number' ? end : undefined;
  }

  /** In force now, oldest first: all, or those inside a network. */
  list(range: Network | undefined, now: Millis): readonly Ban[] {
    return (range ? this.#queries.listWithin.all(...within(range), now) : this.#queries.list.all(now)).map(banOf);
  }

  /** Bans after a row, in the order of rows, at most `limit`; with the last row, to go on after it. */
  page(after: number, limit: number): { readonly bans: readonly Ban[]; readonly last: number } {
    const rows = this.#queries.page.all(after, limit);
    return { bans: rows.map(banOf), last: Number(rows.at(-1)?.['row'] ?? after) };
  }

  /** In force now for exactly this network or one around it. */
  around(network: Network, now: Millis): readonly Ban[] {
    const wider = Array.from({ length: prefixOf(network) + 1 }, (_, prefix) => networkOf(firstAddress(network), prefix));
    return wider.flatMap((each) => this.#queries.exactly.all(...ends(each), now).map(banOf));
  }

  entries(now: Millis): readonly Entry[] {
    return this.#queries.entries.all(now).map((row) => entryOf(row['network'] as Network, row));
  }

  /** Of these networks those in force, in order. One question for all. */
  entriesFor(networks: readonly Network[], now: Millis): readonly Entry[] {
    const asked = JSON.stringify(networks.map((network) => [network, ...ends(network)]));
    const rows = this.#queries.entriesFor.all(asked, now);
    return rows.flatMap((row) => (row['until'] === null ? [] : entryOf(row['network'] as Network, row)));
  }

  /** Takes out bans from a log that have an end, at most `limit`, those first that would end first. */
  evict(limit: number, now: Millis): readonly Ban[] {
    const evicted = this.#queries.evict.all(limit).map(banOf);
    for (const ban of evicted) this.#queries.endOffences.run(now, ban.network, ban.jail, now);
    return evicted;
  }

  count(): number {
    return Number(this.#queries.count.get()?.['bans']);
  }

  countByJail(): ReadonlyMap<string, number> {
    return new Map(this.#queries.countByJail.all().map((row) => [String(row['jail']), Number(row['bans'])]));
  }

  /** Moves the ends of all bans in force; `now` is the time before the move. */
  moveEnds(by: Millis, now: Millis): void {
    this.#queries.moveOffenceEnds.run(by, now);
    this.#queries.moveEnds.run(by);
  }

  /** Forgets at most `limit` offences that ended before `oldest`; returns how many. */
  purge(oldest: Millis, limit: number): number {
    return this.#queries.purgeOld.run(oldest, limit) + this.#queries.purgeExcess.run(MOST_OFFENCES, limit);
  }

  #addOffence({ network, jail, since, until, offence, origin, reason }: Ban): void {
    this.#queries.addOffence.run(network, jail, since, until, offence, origin, reason.slice(0, LONGEST_REASON));
  }

  #put({ network, jail, since, until, offence, origin, reason, forced }: Ban): void {
    const text = reason.slice(0, LONGEST_REASON);
    this.#queries.put.run(network, jail, since, until, offence, origin, text, forced ? 1 : 0, ...ends(network));
  }
}

const SQL = {
  past: `SELECT a.key AS place, b.since AS banSince, ifnull(b.until, ${FOREVER}) AS banEnd, b.offence AS ban,
    o.since AS since, ifnull(o.until, ${FOREVER}) AS end, o.offence AS offence
    FROM json_each(?) a LEFT JOIN bans b ON b.jail = a.value ->> 1 AND b.network = a.value ->> 0
    LEFT JOIN offences o ON o.id = (SELECT id FROM offences WHERE network = a.value ->> 0 AND jail = a.value ->> 1
    ORDER BY since DESC, id DESC LIMIT 1) WHERE b.offence IS NOT NULL OR o.offence IS NOT NULL`,
  ban: 'SELECT since, until, offence FROM bans WHERE jail = ? AND network = ?',
  addOffence: 'INSERT INTO offences (network, jail, since, until, offence, origin, reason) VALUES (?, ?, ?, ?, ?, ?, ?)',
  endOffences: 'UPDATE offences SET until = ? WHERE network = ? AND jail = ? AND (until IS NULL OR until > ?)',
  put: `INSERT INTO bans (${COLUMNS}, first, last) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (jail, network) DO UPDATE SET since = excluded.since, until = excluded.until, offence = excluded.offence,
    origin = excluded.origin, reason = excluded.reason, forced = excluded.forced`,
  remove: `DELETE FROM bans WHERE jail = ? AND network = ? RETURNING ${COLUMNS}`,
  removeAll: `DELETE FROM bans WHERE rowid IN (SELECT rowid FROM bans LIMIT ?) RETURNING ${COLUMNS}`,
  removeWithin: `DELETE FROM bans WHERE rowid IN (SELECT rowid FROM bans WHERE first BETWEEN ? AND ? AND last <= ? LIMIT ?)
    RETURNING ${COLUMNS}`,
  removeOver: `DELETE FROM bans WHERE rowid IN (SELECT rowid FROM bans WHERE until <= ? ORDER BY until LIMIT ?) RETURNING ${COLUMNS}`,
  listOver: `SELECT ${COLUMNS} FROM bans WHERE until > ? AND until <= ? ORDER BY until`,
  evict: `DELETE FROM bans WHERE rowid IN (SELECT rowid FROM bans WHERE until > 0 AND origin = 'log' ORDER BY until LIMIT ?)
    RETURNING ${COLUMNS}`,
  nextEnd: 'SELECT min(until) AS until FROM bans WHERE until > ?',
  list: `SELECT ${COLUMNS} FROM bans WHERE until IS NULL OR until > ? ORDER BY since, first, last, jail`,
  listWithin: `SELECT ${COLUMNS} FROM bans WHERE first BETWEEN ? AND ? AND last <= ? AND (until IS NULL OR until > ?)
    ORDER BY since, first, last, jail`,
  page: `SELECT rowid AS row, ${COLUMNS} FROM bans WHERE rowid > ? ORDER BY rowid LIMIT ?`,
  exactly: `SELECT ${COLUMNS} FROM bans WHERE first = ? AND last = ? AND (until IS NULL OR until > ?)`,
  entries: `SELECT network, max(ifnull(until, ${FOREVER})) AS until FROM bans WHERE until IS NULL OR until > ? GROUP BY first, last`,
  entriesFor: `SELECT value ->> 0 AS network, (SELECT max(ifnull(until, ${FOREVER})) FROM bans
    WHERE first = value ->> 1 AND last = value ->> 2 AND (until IS NULL OR until > ?2)) AS until FROM json_each(?1)`,
  count: 'SELECT count(*) AS bans FROM bans',
  countByJail: 'SELECT jail, count(*) AS bans FROM bans GROUP BY jail',
  moveEnds: 'UPDATE bans SET until = until + ? WHERE until IS NOT NULL',
  moveOffenceEnds: 'UPDATE offences SET until = until + ? WHERE until > ?',
  purgeOld: 'DELETE FROM offences WHERE id IN (SELECT id FROM offences WHERE until < ? LIMIT ?)',
  purgeExcess: 'DELETE FROM offences WHERE id IN (SELECT id FROM offences WHERE id <= (SELECT max(id) FROM offences) - ? LIMIT ?)',
} as const;

const NOTHING_KNOWN: Past = { bannedUntil: undefined, lastOffence: undefined, offences: 0 };

/** The later end of ban and last offence; the ban stands for an offence that is not on record any more. */
function pastOf(row: Row): Past {
  const isBanned = row['ban'] !== null;
  const isOffender = row['offence'] !== null;
  const end = Math.max(isOffender ? Number(row['end']) : 0, isBanned ? Number(row['banEnd']) : 0);
  return {
    bannedUntil: end === FOREVER ? null : end,
    lastOffence: Number(isOffender ? row['since'] : row['banSince']),
    offences: Number(isOffender ? row['offence'] : row['ban']),
  };
}

function ends(network: Network): readonly [string, string] {
  const { first, last } = rangeOf(network);
  return [first, last];
}

function within(network: Network): readonly [string, string, string] {
  const { first, last } = rangeOf(network);
  return [first, last, last];
}

function endOf(row: Row): number {
  const until: Value | undefined = row['until'];
  return typeof until === 'number' ? until : FOREVER;
}

function entryOf(network: Network, row: Row): Entry {
  const end = endOf(row);
  return { network, until: end === FOREVER ? null : end };
}

function banOf(row: Row): Ban {
  const end = endOf(row);
  return {
    network: row['network'] as Network,
    jail: String(row['jail']),
    since: Number(row['since']),
    until: end === FOREVER ? null : end,
    offence: Number(row['offence']),
    origin: row['origin'] === 'hand' ? 'hand' : 'log',
    reason: String(row['reason']),
    ...(row['forced'] === 1 ? { forced: true } : {}),
  };
}
