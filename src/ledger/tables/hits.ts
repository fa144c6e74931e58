// The table of hits: every hit with its verdict. A backfill finds known hits in this table. After a restart, its rows restore the counts.
import type { Network } from '../../lib/address.ts';
import { cell, shownOf, textOf } from '../../lib/store/cells.ts';
import type { Row } from '../../lib/store/driver.ts';
import type { Millis } from '../../words/ports.ts';
import type { RecordedHit } from '../../words/witnesses.ts';
import type { Hit, Verdict } from '../../words/walk.ts';
import type { Query, Store } from '../../lib/store/store.ts';
import { nameOf, type Occurrences } from '../novelty.ts';
import type { RowReader } from './rows.ts';

/** The maximum number of hits that are kept, of any age (about 4 GB). The oldest hits are deleted first. */
const MOST_HITS = 10_000_000;

/** The maximum number of characters of each text; longer texts are cut. SMTP allows 256 octets for a path and 255 for a name (RFC 5321 4.5.3.1). */
const LONGEST = { trap: 320, sender: 320, helo: 256, queueId: 64 } as const;

const COLUMN_OF = { trap: 'trap', sender: 'sender', helo: 'helo', queueId: 'queue_id' } as const;

/** The numbers of bans and hits. */
export interface Counts {
  /** Bans in force. */
  readonly bans: number;
  /** Hits on record. */
  readonly hits: number;
  readonly jails: Readonly<Record<string, { readonly hits: number; readonly bans: number; readonly spared: number }>>;
}

/** The hits of a store. No method begins a transaction. */
export class HitTable {
  readonly #queries: Readonly<Record<keyof typeof SQL, Query>>;
  readonly #rows: RowReader;

  constructor(store: Store, rows: RowReader) {
    this.#rows = rows;
    this.#queries = store.prepareAll(SQL);
  }

  /** Adds the hits that are not older than `oldest`. */
  add(verdicts: readonly Verdict[], oldest: Millis): void {
    const added: Counted[] = [];
    for (const verdict of verdicts) {
      if (verdict.hit.at < oldest) continue;
      this.#insert(verdict);
      added.push({ jail: verdict.hit.jail, verdict: verdict.kind });
    }
    this.#tally(added, 1);
  }

  /** The hits that are not on record. `run` counts the occurrences of each message in this run. */
  novel(hits: readonly Hit[], run: Occurrences): readonly Hit[] {
    const keys = JSON.stringify([...new Set(hits.map(({ key }) => key))]);
    const known = new Map(
      this.#queries.count.all(keys).map((row) => [`${shownOf(row['jail'])} ${row['key']}`, Number(row['hits'])]),
    );
    return hits.filter((hit) => (known.get(nameOf(hit)) ?? 0) < run.next(hit));
  }

  /**
   * Hits of a jail after `since` that count towards a ban and have not led to a ban, oldest first. Only the newest `limit` rows are read.
   * `waiting`: verdicts that are not in the table yet.
   */
  watched(jail: string, since: Millis, limit: number, waiting: readonly Verdict[] = []): readonly Hit[] {
    const rows = this.#queries.recent.all(since, jail, limit).toReversed();
    const judged = [
      ...rows.flatMap((row) => {
        const hit = this.#rows.hit(jail, row);
        return hit ? [{ network: String(row['network']), isBan: row['verdict'] === 'ban', hit }] : [];
      }),
      ...waiting.flatMap((verdict) => {
        const { kind, hit } = verdict;
        if (hit.jail !== jail || hit.at <= since || (kind !== 'watch' && kind !== 'ban')) return [];
        return { network: kind === 'ban' ? verdict.ban.network : verdict.network, isBan: kind === 'ban', hit };
      }),
    ];
    const open = new Map<string, Hit[]>();
    for (const { network, isBan, hit } of judged.toSorted((one, other) => one.hit.at - other.hit.at)) {
      const hits = open.get(network);
      if (isBan) open.delete(network);
      else if (hits) hits.push(hit);
      else open.set(network, [hit]);
    }
    return [...open.values()].flat().toSorted((one, other) => one.at - other.at);
  }

  /** At most `limit` hits after a row, in the order in which they were recorded. The next page begins after the `last` row, if there is one. */
  after(row: number, limit: number): { readonly hits: readonly RecordedHit[]; readonly last: number; readonly isLast: boolean } {
    const rows = this.#queries.after.all(row, limit);
    const hits = rows.flatMap((each) => this.#recordedOf(each) ?? []);
    return { hits, last: Number(rows.at(-1)?.['id'] ?? row), isLast: rows.length < limit };
  }

  /** The numbers of bans and hits. `bans`: the number of bans of each jail. */
  counts(bans: ReadonlyMap<string, number>): Counts {
    const jails = new Map<string, { hits: number; bans: number; spared: number }>();
    const of = (jail: string): { hits: number; bans: number; spared: number } => {
      const counts = jails.get(jail) ?? { hits: 0, bans: 0, spared: 0 };
      jails.set(jail, counts);
      return counts;
    };
    const sum = { bans: 0, hits: 0 };
    for (const row of this.#queries.tallies.all()) {
      const [jail, hits] = [shownOf(row['jail']), row['hits']];
      if (typeof hits !== 'number' || !Number.isSafeInteger(hits)) continue;
      sum.hits += hits;
      of(jail).hits += hits;
      if (row['verdict'] === 'spare') of(jail).spared += hits;
    }
    for (const [jail, count] of bans) {
      sum.bans += count;
      of(jail).bans += count;
    }
    return { ...sum, jails: Object.fromEntries(jails) };
  }

  /** Counts the tallies again from the rows, for a file that has lost rows. */
  recount(): void {
    this.#queries.forgetTallies.run();
    this.#queries.countTallies.run();
  }

  /** Deletes at most `limit` hits from before `oldest`, and at most `limit` hits beyond MOST_HITS. Returns the number of deleted hits. */
  purge(oldest: Millis, limit: number): number {
    const gone = [...this.#queries.purgeOld.all(oldest, limit), ...this.#queries.purgeExcess.all(MOST_HITS, limit)];
    this.#tally(
      gone.map((row) => ({ jail: shownOf(row['jail']), verdict: shownOf(row['verdict']) })),
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

  #recordedOf(row: Row): RecordedHit | undefined {
    const hit = this.#rows.hit(row['jail'], row);
    if (!hit) return undefined;
    const fields = Object.entries(COLUMN_OF).flatMap(([field, column]) => {
      const text = textOf(row[column]);
      return text === undefined ? [] : [[field, text] as const];
    });
    return {
      hit: { ...hit, fields: Object.fromEntries(fields) },
      verdict: row['verdict'] as Verdict['kind'],
      network: row['network'] as Network | null,
    };
  }

  /** Adds `sign` for each row to the tally of its jail and verdict. */
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

/** The columns of a hit as they are read. */
const JUDGED = ['at', 'key', 'rule', 'verdict', 'address', 'network'].map((name) => cell(name)).join(', ');

/** The jail and the verdict of deleted hits. */
const COUNTED = `${cell('jail')}, ${cell('verdict')}`;

const SQL = {
  insert: `INSERT INTO hits (at, key, jail, rule, verdict, address, network, trap, sender, helo, queue_id)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  // One query reads all keys. Separate queries would cost five times as much.
  count: `SELECT key, ${cell('jail')}, count(*) AS hits FROM hits WHERE key IN (SELECT value FROM json_each(?)) GROUP BY key, hits.jail`,
  recent: `SELECT ${JUDGED} FROM hits
    WHERE hits.at > ? AND jail = ? AND hits.verdict IN ('watch', 'ban') ORDER BY hits.at DESC, id DESC LIMIT ?`,
  after: `SELECT id, ${JUDGED}, ${['jail', ...Object.values(COLUMN_OF)].map((name) => cell(name)).join(', ')} FROM hits
    WHERE id > ? ORDER BY id LIMIT ?`,
  tally: `INSERT INTO tallies (jail, verdict, hits) VALUES (?, ?, ?)
    ON CONFLICT (jail, verdict) DO UPDATE SET hits = hits + excluded.hits`,
  forgetTallies: 'DELETE FROM tallies',
  countTallies: 'INSERT INTO tallies (jail, verdict, hits) SELECT jail, verdict, count(*) FROM hits GROUP BY jail, verdict',
  tallies: `SELECT ${cell('jail')}, ${cell('verdict')}, ${cell('hits')} FROM tallies WHERE tallies.hits > 0`,
  purgeOld: `DELETE FROM hits WHERE id IN (SELECT id FROM hits WHERE at < ? ORDER BY at LIMIT ?) RETURNING ${COUNTED}`,
  // A damaged page, or another program, may have made a row number that this program never reaches.
  purgeExcess: `DELETE FROM hits WHERE id IN (SELECT id FROM hits WHERE id <= (SELECT max(id) FROM hits WHERE id <= ${Number.MAX_SAFE_INTEGER}) - ?
    LIMIT ?)
    RETURNING ${COUNTED}`,
} as const;

function networkOf(verdict: Verdict): string | null {
  if (verdict.kind === 'spare') return null;
  return verdict.kind === 'ban' ? verdict.ban.network : verdict.network;
}

/** Cuts a text to a length. Replaces each NUL, because most programs that read text from SQLite stop at a NUL. */
function bounded(text: string | undefined, limit: number): string | null {
  if (text === undefined) return null;
  const kept = text.length > limit ? text.slice(0, limit) : text;
  return kept.includes('\0') ? kept.replaceAll('\0', '\uFFFD') : kept;
}
