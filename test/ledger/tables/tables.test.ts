import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LEDGER_SCHEMA, Tables } from '../../../src/ledger/tables/tables.ts';
import { Store } from '../../../src/lib/store/store.ts';
import type { Ban, Verdict } from '../../../src/words/walk.ts';
import { ban, DAY, hit, HOUR, NOON } from '../../support/decision/words.ts';
import { banned, LedgerFile } from '../../support/ledger/file.ts';

const TIMES = { now: NOON, oldestHit: NOON - DAY, oldestOffence: NOON - 2 * DAY };

let file: LedgerFile;
let store: Store;
let tables: Tables;

beforeEach(() => {
  file = new LedgerFile();
  store = Store.open(file.path, { schemas: [LEDGER_SCHEMA], log: file.log });
  tables = new Tables(store, file.log);
});
afterEach(() => {
  store.close();
  file.remove();
});

const add = (...verdicts: Verdict[]): readonly Ban[] => tables.add({ verdicts, cursors: [] }, TIMES);

const spared = (at: number): Verdict => ({ kind: 'spare', hit: hit('192.0.2.1', at), because: 'ignoreip' });

describe('Tables.add', () => {
  it('returns the bans that are now in force, and only the last of two bans of one network and jail', () => {
    const later = banned('192.0.2.7', NOON, { until: NOON + 2 * HOUR, offence: 2 });
    const found = add(banned('192.0.2.7'), later, banned('192.0.2.7', NOON, { jail: 'redirect' }), banned('192.0.2.8', NOON - DAY));
    expect(found).toEqual([
      ban('192.0.2.7', NOON, { until: NOON + 2 * HOUR, offence: 2 }),
      ban('192.0.2.7', NOON, { jail: 'redirect' }),
    ]);
  });

  it('returns a ban of a banned network only if the new ban ends later, even by a millisecond', () => {
    add(banned('192.0.2.7', NOON, { until: NOON + HOUR }));
    expect(add(banned('192.0.2.7', NOON, { until: NOON + HOUR }))).toEqual([]);
    expect(add(banned('192.0.2.7', NOON, { until: NOON + HOUR + 1 }))).toHaveLength(1);
    add(banned('192.0.2.8', NOON, { until: null }));
    expect(add(banned('192.0.2.8', NOON, { until: null }))).toEqual([]);
  });

  it('sets no ban that ends now, and sets a ban that ends a millisecond later', () => {
    expect(add(banned('192.0.2.7', NOON - HOUR, { until: NOON }))).toEqual([]);
    expect(add(banned('192.0.2.8', NOON - HOUR, { until: NOON + 1 }))).toHaveLength(1);
  });

  it('keeps only hits at or after `oldestHit`', () => {
    add(spared(TIMES.oldestHit - 1), spared(TIMES.oldestHit));
    expect(tables.hits.counts(new Map()).hits).toBe(1);
  });

  it('keeps the last cursor of each source', () => {
    const cursors = ['1', '2'].map((cursor) => ({ source: 'journal', cursor }));
    tables.add({ verdicts: [], cursors: [...cursors, { source: 'file:/log', cursor: '9' }] }, TIMES);
    expect([tables.cursors.get('journal'), tables.cursors.get('file:/log'), tables.cursors.get('other')]).toEqual([
      '2',
      '9',
      undefined,
    ]);
  });
});

describe('Tables.purge', () => {
  it('deletes at most the given number of old hits and of old offences, and returns their number', () => {
    add(...['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((client) => banned(client, NOON - HOUR)));
    const later = { now: NOON, oldestHit: NOON, oldestOffence: NOON + 1 };
    expect([tables.purge(later, 2), tables.purge(later, 2), tables.purge(later, 2)]).toEqual([4, 2, 0]);
  });
});

describe('Tables.move', () => {
  it('moves the end of every ban, and offences that end after the given instant', () => {
    add(banned('192.0.2.1', NOON, { until: NOON + HOUR }), banned('192.0.2.2', NOON - 3 * HOUR, { until: NOON - HOUR }));
    add(banned('192.0.2.3', NOON, { until: null }));
    tables.move([{ kind: 'ends', by: -HOUR, after: NOON - HOUR }]);
    expect(file.shell('SELECT network, until FROM bans ORDER BY network')).toBe(`192.0.2.1/32|${NOON}\n192.0.2.3/32|`);
    expect(file.shell('SELECT until FROM offences ORDER BY network')).toBe(`${NOON}\n${NOON - HOUR}\n`.trimEnd());
  });

  it('moves bans and offences as a whole that began at an instant or later', () => {
    add(banned('192.0.2.1', NOON - 1, { until: NOON + HOUR }), banned('192.0.2.2', NOON, { until: NOON + HOUR }));
    add(banned('192.0.2.3', NOON, { until: null }));
    tables.move([{ kind: 'whole', by: -HOUR, from: NOON }]);
    const moved = `192.0.2.1/32|${NOON - 1}|${NOON + HOUR}\n192.0.2.2/32|${NOON - HOUR}|${NOON}\n192.0.2.3/32|${NOON - HOUR}|`;
    for (const table of ['bans', 'offences'])
      expect(file.shell(`SELECT network, since, until FROM ${table} ORDER BY network`)).toBe(moved);
  });
});
