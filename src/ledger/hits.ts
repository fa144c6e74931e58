// Every hit with its verdict: what is known of clients, what a backfill has seen already, and what counting goes on from.
import type { Address } from '../lib/address.ts';
import type { Hit, Millis, Verdict } from '../types.ts';
import type { Query, Store } from './store/store.ts';

/** More hits than these (some 4 GB) are not kept, whatever their age: the oldest go first. */
const MOST_HITS = 10_000_000;

/** The longest texts that are kept (characters): a path in SMTP has 256 octets, a name 255 (RFC 5321 4.5.3.1); with room for garbage. */
const LONGEST = { trap: 320, sender: 320, helo: 256, queueId: 64 } as const;

/** How many keys a run keeps in mind for telling a repeated message from one that is on record. */
const MOST_SEEN = 500_000;

/** How much there is. */
export interface Counts {
  /** Bans in force. */
  readonly bans: number;
  /** Hits on record. */
  readonly hits: number;
  readonly jails: Readonly<Record<string, { readonly hits: number; readonly bans: number; readonly spared: number }>>;
}

/** The hits of a store. Nothing here is a transaction of its own. */
export class HitTable {
  readonly #queries: Readonly<Record<keyof typeof SQL, Query>>;

  constructor(store: Store) {
    this.#queries = Object.fromEntries(Object.entries(SQL).map(([name, sql]) => [name, store.prepare(sql)])) as Record<
      keyof typeof SQL,
      Query
    >;
  }

  /** Takes in the hits that are not older than `oldest`. */
  add(verdicts: readonly Verdict[], oldest: Millis): void {
    const added: Counted[] = [];
    for (const verdict of verdicts) {
      if (verdict.hit.at < oldest) continue;
      this.#insert(verdict);
      added.push({ jail: verdict.hit.jail, verdict: verdict.kind });
    }
    this.#tally(added, 1);
  }

  /** The hits that are not on record, given how often each key came before in this run. */
  novel(hits: readonly Hit[], seen: Map<string, number>): readonly Hit[] {
    const keys = JSON.stringify([...new Set(hits.map(({ key }) => key))]);
    const known = new Map(this.#queries.count.all(keys).map((row) => [`${row['key']} ${row['jail']}`, Number(row['hits'])]));
    const news = hits.filter(({ key, jail }) => {
      const name = `${key} ${jail}`;
      const occurrence = (seen.get(name) ?? 0) + 1;
      seen.set(name, occurrence);
      return (known.get(name) ?? 0) < occurrence;
    });
    if (seen.size > MOST_SEEN) forgetOldest(seen, MOST_SEEN / 2);
    return news;
  }

  /** Hits of a jail after `since` that were watched and have not led to a ban, oldest first, at most the newest `limit` rows. */
  watched(jail: string, since: Millis, limit: number): readonly Hit[] {
    const open = new Map<string, Hit[]>();
    for (const row of this.#queries.recent.all(since, jail, limit).toReversed()) {
      const network = String(row['network']);
      if (row['verdict'] === 'ban') open.delete(network);
      else
        open
          .set(network, open.get(network) ?? [])
          .get(network)
          ?.push(hitOf(jail, row));
    }
    return [...open.values()].flat().toSorted((one, other) => one.at - other.at);
  }

  /** How much there is, given the bans of each jail. */
  counts(bans: ReadonlyMap<string, number>): Counts {
    const jails: Record<string, { hits: number; bans: number; spared: number }> = {};
    const of = (jail: string): { hits: number; bans: number; spared: number } => (jails[jail] ??= { hits: 0, bans: 0, spared: 0 });
    const sum = { bans: 0, hits: 0 };
    for (const row of this.#queries.tallies.all()) {
      const [jail, hits] = [String(row['jail']), Number(row['hits'])];
      sum.hits += hits;
      of(jail).hits += hits;
      if (row['verdict'] === 'spare') of(jail).spared += hits;
    }
    for (const [jail, count] of bans) {
      sum.bans += count;
      of(jail).bans += count;
    }
    return { ...sum, jails };
  }

  /** Forgets at most `limit` hits from before `oldest`; returns how many. */
  purge(oldest: Millis, limit: number): number {
    const gone = [...this.#queries.purgeOld.all(oldest, limit), ...this.#queries.purgeExcess.all(MOST_HITS, limit)];
    this.#tally(
      gone.map((row) => ({ jail: String(row['jail']), verdict: String(row['verdict']) })),
      -1,
    );
    return gone.length;
  }

  #insert(verdict: Verdict): void {
    const { jail, rule, address, at, key, fields } = verdict.hit;
    this.#queries.insert.run(
      Math.trunc(at),
      key,
      jail,
      rule,
      verdict.kind,
      address,
      networkOf(verdict),
      bounded(fields.trap, LONGEST.trap),
      bounded(fields.sender, LONGEST.sender),
      bounded(fields.helo, LONGEST.helo),
      bounded(fields.queueId, LONGEST.queueId),
    );
  }

  /** Adds `sign` to the tally of each row. */
  #tally(rows: readonly Counted[], sign: 1 | -1): void {
    const sums = new Map<string, Counted & { hits: number }>();
    for (const row of rows) {
      const name = `${row.jail} ${row.verdict}`;
      const sum = sums.get(name) ?? { ...row, hits: 0 };
      sum.hits += sign;
      sums.set(name, sum);
    }
    for (const { jail, verdict, hits } of sums.values()) this.#queries.tally.run(jail, verdict, hits);
  }
}

interface Counted {
  readonly jail: string;
  readonly verdict: string;
}

const SQL = {
  insert: `INSERT INTO hits (at, key, jail, rule, verdict, address, network, trap, sender, helo, queue_id)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  // One question for all: asked one by one they cost five times as much.
  count: 'SELECT key, jail, count(*) AS hits FROM hits WHERE key IN (SELECT value FROM json_each(?)) GROUP BY key, jail',
  recent: `SELECT at, key, rule, verdict, address, network FROM hits
    WHERE at > ? AND jail = ? AND verdict IN ('watch', 'ban') ORDER BY at DESC, id DESC LIMIT ?`,
  tally: `INSERT INTO tallies (jail, verdict, hits) VALUES (?, ?, ?)
    ON CONFLICT (jail, verdict) DO UPDATE SET hits = hits + excluded.hits`,
  tallies: 'SELECT jail, verdict, hits FROM tallies WHERE hits > 0',
  purgeOld: 'DELETE FROM hits WHERE id IN (SELECT id FROM hits WHERE at < ? ORDER BY at LIMIT ?) RETURNING jail, verdict',
  purgeExcess: `DELETE FROM hits WHERE id IN (SELECT id FROM hits WHERE id <= (SELECT max(id) FROM hits) - ? LIMIT ?)
    RETURNING jail, verdict`,
} as const;

function networkOf(verdict: Verdict): string | null {
  if (verdict.kind === 'spare') return null;
  return verdict.kind === 'ban' ? verdict.ban.network : verdict.network;
}

/** SQLite's text ends at a NUL for most who read it. */
function bounded(text: string | undefined, limit: number): string | null {
  if (text === undefined) return null;
  const kept = text.length > limit ? text.slice(0, limit) : text;
  return kept.includes('\0') ? kept.replaceAll('\0', '\uFFFD') : kept;
}

function hitOf(jail: string, row: Readonly<Record<string, unknown>>): Hit {
  return {
    jail,
    rule: String(row['rule']),
    address: row['address'] as Address,
    at: Number(row['at']),
    key: String(row['key']),
    fields: {},
  };
}

/** A Map goes through its keys in the order in which they came. */
function forgetOldest(seen: Map<string, number>, count: number): void {
  let left = count;
  for (const name of seen.keys()) {
    if (left === 0) return;
    seen.delete(name);
    left -= 1;
  }
}
