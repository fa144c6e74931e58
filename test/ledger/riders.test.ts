import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/lib/store/driver.ts';
import type { Schema } from '../../src/lib/store/migrate.ts';
import type { Transaction } from '../../src/lib/store/transaction.ts';
import { Ledger } from '../../src/ledger/record.ts';
import type { LedgerOptions } from '../../src/ledger/options.ts';
import type { Rider } from '../../src/words/witnesses.ts';
import type { Ban, Verdict } from '../../src/words/walk.ts';
import { ban, HOUR, hit, network, NOON, SECOND } from '../support/decision/words.ts';
import { banned, LedgerFile } from '../support/ledger/file.ts';

/** Two tables of another module. A negative number in `quits` makes SQLite roll back the whole transaction, as a full disk does. */
const PAGES: Schema = {
  room: 'pages',
  steps: [
    {
      sql: `CREATE TABLE seen (rider TEXT, address TEXT, how TEXT);
        CREATE TABLE quits (cell INTEGER);
        CREATE TRIGGER quit BEFORE INSERT ON quits WHEN new.cell < 0 BEGIN SELECT RAISE(ROLLBACK, 'quits'); END`,
    },
  ],
};

/**
 * A `Rider` is a listener that writes in the transactions of the ledger. This `Rider` writes each client with the cause: a verdict, an end
 * of a ban, or a rebuild of its rows.
 */
class Pages implements Rider {
  readonly name: string;
  calls = 0;
  /** Is called after the rows are written, so that there are rows to undo. It may throw. */
  before: (transaction: Transaction) => void = () => {};

  constructor(name = 'pages') {
    this.name = name;
  }

  write(verdicts: readonly Verdict[], ended: readonly Ban[], transaction: Transaction): void {
    this.calls += 1;
    for (const verdict of verdicts) this.#add(verdict.hit.address, verdict.kind, transaction);
    for (const each of ended) this.#add(each.network, 'ended', transaction);
    this.before(transaction);
  }

  clear(transaction: Transaction): void {
    transaction.run('DELETE FROM seen WHERE rider = ?', this.name);
  }

  rebuild(hits: Parameters<Rider['rebuild']>[0], transaction: Transaction): void {
    for (const each of hits) this.#add(each.hit.address, `${each.verdict} again`, transaction);
    this.before(transaction);
  }

  #add(address: string, how: string, transaction: Transaction): void {
    transaction.run('INSERT INTO seen VALUES (?, ?, ?)', this.name, address, how);
  }
}

let file: LedgerFile;
let pages: Pages;

beforeEach(() => {
  file = new LedgerFile();
  pages = new Pages();
});
afterEach(() => file.remove());

const options = (...riders: Rider[]): Partial<LedgerOptions> => ({ riders, schemas: [PAGES], busyTimeout: 1 });
const open = (...riders: Rider[]): Ledger => file.reopen(options(...riders));

/** The rows that the `Rider` of this name has written. */
const seen = (name = 'pages'): string[] =>
  file
    .shell(`SELECT address || ' ' || how FROM seen WHERE rider = '${name}' ORDER BY rowid`)
    .split('\n')
    .filter((line) => line !== '');

const states = (): string => file.shell('SELECT rider, complete FROM riders ORDER BY rider');

const bug = (): never => {
  throw new Error('a bug');
};

/** Makes SQLite end the transaction while the `Rider` is called. */
const quit = (transaction: Transaction): void => void transaction.run('INSERT INTO quits VALUES (-1)');

describe('a Rider', () => {
  it('writes rows for every verdict', () => {
    const ledger = open(pages);
    ledger.record([banned('192.0.2.1')]);
    ledger.recordStrictly([
      { kind: 'held', hit: hit('192.0.2.1'), network: network('192.0.2.1/32'), until: null },
      { kind: 'spare', hit: hit('192.0.2.2'), because: 'ignoreip' },
    ]);
    expect(seen()).toEqual(['192.0.2.1 ban', '192.0.2.1 held', '192.0.2.2 spare']);
  });

  it('is called for every end of a ban, by unban, end, expired and evict', () => {
    const ledger = file.reopen({ ...options(pages), mostBans: 1 });
    ledger.record(['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((client) => banned(client)));
    ledger.record([banned('192.0.2.4', NOON, { until: NOON + 2 * HOUR }), banned('192.0.2.5', NOON, { until: NOON + 3 * HOUR })]);
    ledger.unban([network('192.0.2.1/32')]);
    ledger.end([ban('192.0.2.2')]);
    file.now += HOUR;
    ledger.expired();
    ledger.evict();
    expect(seen().filter((line) => line.endsWith('ended'))).toEqual(
      ['192.0.2.1/32', '192.0.2.2/32', '192.0.2.3/32', '192.0.2.4/32'].map((each) => `${each} ended`),
    );
  });

  it('is not called for a batch with only a cursor, for a ban by hand, or when no ban ends', () => {
    const ledger = open(pages);
    ledger.record([], { source: 'journal', cursor: '1' });
    ledger.recordBans([ban('192.0.2.9', NOON, { jail: 'manual' })]);
    ledger.unban([network('192.0.2.1/32')]);
    ledger.end([]);
    ledger.expired();
    expect(pages.calls).toBe(0);
  });

  it('has rows for a batch that is recorded late, and none for a batch that is never recorded', () => {
    const ledger = open(pages);
    const other = openDatabase(file.path);
    other.exec('BEGIN IMMEDIATE');
    ledger.record([banned('192.0.2.1')]);
    expect(() => ledger.recordStrictly([banned('192.0.2.2')])).toThrow('SQLITE_BUSY');
    expect(seen()).toEqual([]);
    other.exec('ROLLBACK');
    other.close();
    file.now += SECOND;
    ledger.record([banned('192.0.2.3')]);
    expect(seen()).toEqual(['192.0.2.1 ban', '192.0.2.3 ban']);
  });

  it('has no rows for a batch whose transaction fails after the rows were written', () => {
    const ledger = file.reopen({
      ...options(pages),
      scopes: () => (pages.calls === 1 ? bug() : []),
    });
    expect(() => ledger.recordStrictly([banned('192.0.2.1')])).toThrow('a bug');
    expect([seen(), ledger.standing.list()]).toEqual([[], []]);
    ledger.recordStrictly([banned('192.0.2.1')]);
    expect(seen()).toEqual(['192.0.2.1 ban']);
  });

  it('is not called in a dry run', () => {
    open(pages).record([banned('192.0.2.1')]);
    file.reopen({ ...options(pages), access: 'rehearse' }).record([banned('192.0.2.2')]);
    expect(pages.calls).toBe(1);
  });
});

describe.each([
  ['throws', bug, 'a bug'],
  [
    'tries to end the transaction',
    (transaction: Transaction) => void transaction.run('COMMIT'),
    'not allowed inside a shared transaction: COMMIT',
  ],
  ['by a rollback in SQLite loses the transaction', quit, 'quits'],
])('a Rider that %s', (_how, before, message) => {
  it('causes no loss of a hit, ban or cursor, and its own rows are undone', () => {
    const ledger = open(pages);
    pages.before = before;
    expect(ledger.record([banned('192.0.2.1')], { source: 'journal', cursor: '1' }).bans).toHaveLength(1);
    expect([ledger.standing.list().length, ledger.counts().hits, ledger.cursor('journal')]).toEqual([1, 1, '1']);
    expect(ledger.unwritten.hits).toBe(0);
    expect(seen()).toEqual([]);
  });

  it.each(['unban', 'end', 'expired', 'evict'] as const)('does not prevent the end of a ban (%s)', (verb) => {
    const ledger = file.reopen({ ...options(pages), mostBans: verb === 'evict' ? 0 : 9 });
    ledger.record([banned('192.0.2.1')]);
    pages.before = before;
    if (verb === 'expired') file.now += HOUR;
    const ends = {
      unban: () => ledger.unban('all'),
      end: () => ledger.end([ban('192.0.2.1')]),
      expired: () => ledger.expired(),
      evict: () => ledger.evict(),
    };
    expect(ends[verb]().map((each) => each.network)).toEqual(['192.0.2.1/32']);
    expect(file.shell('SELECT count(*) FROM bans')).toBe('0');
    expect(seen()).toEqual(['192.0.2.1 ban']);
  });

  it('is reported once, and is not called again before the next start', () => {
    const ledger = open(pages);
    pages.before = before;
    for (const client of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) ledger.record([banned(client)]);
    ledger.unban('all');
    expect(pages.calls).toBe(1);
    expect(file.notices).toEqual([`pages: ${message}; it records nothing until the next start, which rebuilds its tables`]);
  });

  it('does not affect the rows of another Rider', () => {
    const others = [new Pages('first'), new Pages('last')] as const;
    const ledger = open(others[0], pages, others[1]);
    pages.before = before;
    ledger.record([banned('192.0.2.1')]);
    ledger.record([banned('192.0.2.2')]);
    for (const { name } of others) expect(seen(name)).toEqual(['192.0.2.1 ban', '192.0.2.2 ban']);
    expect(states()).toBe('first|1\nlast|1\npages|0');
  });

  it('has its rows rebuilt from all hits at the next start', () => {
    const ledger = open(pages);
    ledger.record([banned('192.0.2.1')]);
    pages.before = before;
    ledger.record([banned('192.0.2.2')]);
    ledger.record([banned('192.0.2.3')]);
    expect(states()).toBe('pages|0');
    pages.before = () => {};
    const again = open(pages);
    expect(seen()).toEqual(['192.0.2.1 ban again', '192.0.2.2 ban again', '192.0.2.3 ban again']);
    expect(states()).toBe('pages|1');
    again.record([banned('192.0.2.4')]);
    expect(seen().at(-1)).toBe('192.0.2.4 ban');
    expect(open(pages).fill()).toBe(false);
    expect(seen()).toHaveLength(4);
  });

  it('is not called any more after it fails in a rebuild, and the next start repeats the rebuild', () => {
    open().record([banned('192.0.2.1')]);
    pages.before = before;
    const ledger = open(pages);
    expect(ledger.fill()).toBe(false);
    ledger.record([banned('192.0.2.2')]);
    expect(seen()).toEqual([]);
    expect(file.notices.filter((text) => text.startsWith('pages: '))).toHaveLength(1);
    pages.before = () => {};
    open(pages);
    expect(seen()).toEqual(['192.0.2.1 ban again', '192.0.2.2 ban again']);
  });
});

describe('the mark of an incomplete Rider', () => {
  it('is set in the next transaction when the transaction in which the Rider threw fails', () => {
    const ledger = file.reopen({ ...options(pages), scopes: () => (pages.calls === 1 ? bug() : []) });
    pages.before = () => {
      pages.calls = 1;
      bug();
    };
    expect(() => ledger.recordStrictly([banned('192.0.2.1')])).toThrow('a bug');
    expect(states()).toBe('pages|1');
    pages.calls = 2;
    ledger.recordStrictly([banned('192.0.2.2')]);
    expect(states()).toBe('pages|0');
  });

  it('is set when a hit is recorded without a Rider that was present before', () => {
    open(pages).record([banned('192.0.2.1')]);
    const without = open();
    without.record([], { source: 'journal', cursor: '1' });
    expect(states()).toBe('pages|1');
    without.record([banned('192.0.2.2')]);
    expect(states()).toBe('pages|0');
    open(pages);
    expect(seen()).toEqual(['192.0.2.1 ban again', '192.0.2.2 ban again']);
  });
});

/** Records one hit of each client without the `Rider`. `clients`: the number of clients. */
function record(clients: number): void {
  const verdicts = Array.from({ length: clients }, (_, n) => banned(`10.0.${n >> 8}.${n & 255}`));
  open().recordStrictly(verdicts);
}

const distinct = (): number => new Set(seen()).size;

describe('a rebuild of the rows of a Rider', () => {
  it('runs in slices: the first slice runs at the start, and each call of fill runs one more', () => {
    record(5000);
    const ledger = open(pages);
    expect(seen()).toHaveLength(2000);
    expect(ledger.fill()).toBe(true);
    expect(seen()).toHaveLength(4000);
    expect(ledger.fill()).toBe(false);
    expect([seen().length, distinct()]).toEqual([5000, 5000]);
    expect(states()).toBe('pages|1');
  });

  it('is complete, also when its last slice is full', () => {
    record(4000);
    const ledger = open(pages);
    while (ledger.fill());
    expect([seen().length, states()]).toEqual([4000, 'pages|1']);
  });

  it('includes the hits that are recorded during the rebuild, each of them once', () => {
    record(3000);
    const ledger = open(pages);
    ledger.record([banned('192.0.2.1')]);
    expect(pages.calls).toBe(0);
    while (ledger.fill());
    ledger.record([banned('192.0.2.2')]);
    expect(seen()).toHaveLength(3002);
    expect(seen().slice(-2)).toEqual(['192.0.2.1 ban again', '192.0.2.2 ban']);
  });

  it('begins again after a restart during the rebuild', () => {
    record(3000);
    open(pages);
    const ledger = open(pages);
    expect(seen()).toHaveLength(2000);
    while (ledger.fill());
    expect([seen().length, distinct()]).toEqual([3000, 3000]);
  });

  it('repeats a slice that could not be written', () => {
    record(3000);
    const ledger = open(pages);
    const other = openDatabase(file.path);
    other.exec('BEGIN IMMEDIATE');
    expect(ledger.fill()).toBe(false);
    other.exec('ROLLBACK');
    other.close();
    while (ledger.fill());
    expect([seen().length, distinct()]).toEqual([3000, 3000]);
  });

  it('passes the stored fields of each hit to the Rider', () => {
    const fields = { trap: 'trap@example.com', sender: 'x'.repeat(400), helo: 'mail.example.net', queueId: 'NOQUEUE' };
    const full = hit('2001:db8::7', NOON, { fields });
    const bare = hit('192.0.2.2', NOON + 1, { fields: {} });
    open().recordStrictly([
      { kind: 'ban', hit: full, ban: ban('2001:db8::7') },
      { kind: 'spare', hit: bare, because: 'ignoreip' },
    ]);
    let found: Parameters<Rider['rebuild']>[0] = [];
    open({ name: 'keeper', write: () => {}, clear: () => {}, rebuild: (hits) => void (found = hits) });
    expect(found).toEqual([
      { hit: { ...full, fields: { ...fields, sender: 'x'.repeat(320) } }, verdict: 'ban', network: '2001:db8::7/128' },
      { hit: bare, verdict: 'spare', network: null },
    ]);
  });

  it('does nothing after the ledger is closed', () => {
    record(3000);
    const ledger = open(pages);
    file.close();
    expect(ledger.fill()).toBe(false);
  });
});

/** A series of numbers that is equal in every run (xorshift32). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const CLIENTS = Array.from({ length: 64 }, (_, n) => `192.0.2.${n}`);
const JAILS = ['spamtrap', 'redirect'];

/** The whole content of a ledger. */
function knowledgeOf(ledger: Ledger): unknown {
  const subjects = CLIENTS.flatMap((client) => JAILS.map((jail) => ({ network: network(`${client}/32`), jail })));
  return [ledger.standing.list(), ledger.counts(), ledger.past(subjects), ledger.cursor('journal'), ledger.standing.nextEnd()];
}

describe('10,000 random batches', () => {
  it('lead to equal ledgers with and without Riders that throw at random', () => {
    const random = randomFrom(20_261_125);
    const riders = ['one', 'two', 'three'].map((name) => new Pages(name));
    for (const rider of riders) {
      rider.before = (transaction) => {
        const chance = random(60);
        if (chance === 0) bug();
        if (chance === 1) quit(transaction);
      };
    }
    let now = NOON;
    const openMemory = (rest: Partial<LedgerOptions>): Ledger =>
      Ledger.open(':memory:', { log: file.log, clock: () => now, mostBans: 40, ...rest });
    for (let round = 0; round < 20; round += 1) {
      const ledgers = [openMemory({}), openMemory(options(...riders))] as const;
      for (let batch = 0; batch < 500; batch += 1) {
        now += 1000;
        const verdicts = Array.from({ length: random(3) + 1 }, () => {
          const [client = '', jail = ''] = [CLIENTS[random(64)], JAILS[random(2)]];
          return banned(client, now, { until: now + 1000 * (random(200) + 1), jail });
        });
        const range = [network(`${CLIENTS[random(64)]}/32`)];
        for (const ledger of ledgers) {
          ledger.record(verdicts, { source: 'journal', cursor: String(batch) });
          if (batch % 3 === 0) ledger.expired();
          if (batch % 5 === 0) ledger.unban(range);
          if (batch % 7 === 0) ledger.evict();
        }
      }
      expect(knowledgeOf(ledgers[1])).toEqual(knowledgeOf(ledgers[0]));
      for (const ledger of ledgers) ledger.close();
    }
    // Each `Rider` threw in at least six of the twenty rounds, and at most once in each round.
    for (const { name } of riders) {
      const reports = file.notices.filter((text) => text.startsWith(`${name}: `));
      expect(reports.length).toBeGreaterThan(5);
      expect(reports.length).toBeLessThanOrEqual(20);
    }
  });
});
