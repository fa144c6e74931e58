import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase, type Database } from '../../src/lib/store/driver.ts';
import type { Ledger } from '../../src/ledger/record.ts';
import type { Ban, Verdict } from '../../src/words/walk.ts';
import { ban, HOUR, MINUTE, network, NOON, SECOND } from '../support/decision/words.ts';
import { banned, LedgerFile } from '../support/ledger/file.ts';

let file: LedgerFile;
let ledger: Ledger;
let other: Database | undefined;

beforeEach(() => {
  file = new LedgerFile();
  ledger = file.open({ busyTimeout: 1 });
});
afterEach(() => {
  other?.close();
  other = undefined;
  file.remove();
});

/** Makes another connection lock the file, so that the ledger cannot write. */
function hold(): void {
  other = openDatabase(file.path);
  other.exec('BEGIN IMMEDIATE');
}

const networksOf = (bans: readonly Ban[]): string[] => bans.map((each) => each.network);
const many = (count: number, rest: Partial<Ban> = {}): Verdict[] =>
  Array.from({ length: count }, (_, n) => banned(`10.0.${n >> 8}.${n & 255}`, NOON, rest));
const banOf = (text: string, rest: Partial<Ban> = {}): Ban => ({ ...ban('10.0.0.1'), network: network(text), ...rest });
const pages = (): (readonly Ban[])[] => [...ledger.standing.pages()];

const wide = (text: string, jail: string): Verdict => banned('192.0.2.9', NOON, { network: network(text), jail });

describe('Standing.list', () => {
  it('has the oldest ban first, bans of one instant in the order of their networks, and unwritten bans last', () => {
    ledger.record([banned('192.0.2.9'), banned('192.0.2.1'), banned('192.0.2.5', NOON - MINUTE)]);
    hold();
    ledger.record([banned('192.0.2.3', NOON - HOUR / 2)]);
    expect(networksOf(ledger.standing.list())).toEqual(['192.0.2.5/32', '192.0.2.1/32', '192.0.2.9/32', '192.0.2.3/32']);
  });

  it('leaves out a ban at and after its end, even while the ban is still in the file', () => {
    ledger.record([banned('192.0.2.7')]);
    file.now = NOON + HOUR - 1;
    expect(ledger.standing.list()).toHaveLength(1);
    file.now = NOON + HOUR;
    expect(ledger.standing.list()).toEqual([]);
  });
});

describe('Standing.around', () => {
  it('N022: returns the bans of a network and of the networks that contain it, in the file and in memory', () => {
    ledger.record([banned('192.0.2.7'), wide('192.0.2.0/24', 'a'), wide('192.0.3.0/24', 'a')]);
    hold();
    ledger.record([wide('192.0.0.0/16', 'b'), banned('192.0.2.8'), banned('192.0.2.7', NOON + 1, { offence: 2 })]);
    const around = ledger.standing.around(network('192.0.2.7/32'));
    expect(networksOf(around).toSorted()).toEqual(['192.0.0.0/16', '192.0.2.0/24', '192.0.2.7/32']);
    expect(around.find((each) => each.network === '192.0.2.7/32')?.offence).toBe(2);
    file.now = NOON + 2 * HOUR;
    expect(ledger.standing.around(network('192.0.2.7/32'))).toEqual([]);
  });
});

describe('Standing.pages', () => {
  it.each([0, 1, 1999, 2000, 2001, 4000])('returns %d bans, each of them once', (count) => {
    ledger.recordStrictly(many(count));
    const found = networksOf(pages().flat());
    expect([found.length, new Set(found).size]).toEqual([count, count]);
    expect(Math.max(...pages().map((page) => page.length))).toBeLessThanOrEqual(2000);
  });

  it('returns a ban once, with the later end that is only in memory', () => {
    ledger.record([banned('192.0.2.7'), banned('192.0.2.8')]);
    hold();
    ledger.record([banned('192.0.2.7', NOON, { until: NOON + 2 * HOUR })]);
    expect(pages().flat()).toEqual([ban('192.0.2.7', NOON, { until: NOON + 2 * HOUR }), ban('192.0.2.8')]);
  });

  it('yields each ban of a network once, whatever the lengths and the number of the networks', () => {
    const inside = ['10.0.0.0/30', '10.0.0.0/32', '10.0.0.3/32', '10.0.0.4/32', '10.0.0.255/32', '10.0.0.0/24'];
    const outside = ['10.0.1.0/32', '10.0.0.0/16', '9.255.255.255/32', '2001:db8::/64'];
    ledger.recordBans([...inside, ...outside].map((text) => banOf(text)));
    ledger.recordBans(inside.map((text) => banOf(text, { jail: 'redirect' })));
    for (const size of [1, 2, 5, 6, 12, 100]) {
      const found = [...ledger.standing.pages(network('10.0.0.0/24'), size)];
      expect(Math.max(...found.map(({ length }) => length))).toBeLessThanOrEqual(size);
      expect(networksOf(found.flat()).toSorted()).toEqual([...inside, ...inside].toSorted());
    }
  });

  it('continues after a page that has a bad row', () => {
    ledger.recordStrictly(many(2500));
    other = openDatabase(file.path);
    other.exec("UPDATE bans SET network = 'x' WHERE rowid = 7");
    expect(pages().flat()).toHaveLength(2499);
    expect(ledger.standing.page(-Infinity).last).toBeGreaterThan(0);
    expect([...ledger.standing.pages(network('10.0.0.0/8'), 100)].flat()).toHaveLength(2499);
  });

  it('leaves out bans that are over', () => {
    ledger.record([banned('192.0.2.7')]);
    file.now = NOON + HOUR;
    expect(pages().flat()).toEqual([]);
  });
});

describe('Standing.page', () => {
  it('begins again after the last page, whether that page is full or not', () => {
    ledger.recordStrictly(many(3000));
    const first = ledger.standing.page(-Infinity);
    const second = ledger.standing.page(first.last);
    expect([first.bans.length, second.bans.length, second.last]).toEqual([2000, 1000, -Infinity]);
    ledger.recordStrictly(many(4000));
    const full = ledger.standing.page(first.last);
    expect(full.bans).toHaveLength(2000);
    expect(ledger.standing.page(full.last)).toEqual({ bans: [], last: -Infinity });
  });
});

describe('Standing.entries, entriesFor and count', () => {
  beforeEach(() => {
    ledger.record([
      banned('192.0.2.7', NOON, { until: NOON + HOUR }),
      banned('192.0.2.7', NOON, { jail: 'redirect', until: NOON + 3 * HOUR }),
      banned('192.0.2.8', NOON, { jail: 'redirect', until: null }),
    ]);
  });

  it('return the latest end over all jails, and the number of all bans', () => {
    const entries = [
      { network: '192.0.2.7/32', until: NOON + 3 * HOUR },
      { network: '192.0.2.8/32', until: null },
    ];
    expect(ledger.standing.entries()).toEqual(entries);
    expect(ledger.standing.entriesFor([network('192.0.2.8/32'), network('192.0.2.7/32')])).toEqual(entries.toReversed());
    expect(ledger.standing.count()).toBe(3);
  });

  it('return the latest end over the jails that are not excluded, and the number of their bans', () => {
    const entries = [{ network: '192.0.2.7/32', until: NOON + HOUR }];
    const without = new Set(['redirect']);
    expect(ledger.standing.entries(without)).toEqual(entries);
    expect(ledger.standing.entriesFor([network('192.0.2.8/32'), network('192.0.2.7/32')], without)).toEqual(entries);
    expect(ledger.standing.count(without)).toBe(1);
    expect(ledger.standing.entries(new Set(['redirect', 'spamtrap']))).toEqual([]);
  });

  it('leave out bans that are over, and keep the network while another jail bans it', () => {
    file.now = NOON + HOUR;
    expect(ledger.standing.entries(new Set(['redirect']))).toEqual([]);
    expect(ledger.standing.entriesFor([network('192.0.2.7/32')])).toEqual([{ network: '192.0.2.7/32', until: NOON + 3 * HOUR }]);
  });
});

describe('Standing.nextEnd', () => {
  it('is the earliest end of all bans in the file and in memory', () => {
    expect(ledger.standing.nextEnd()).toBeUndefined();
    ledger.record([banned('192.0.2.1', NOON, { until: null }), banned('192.0.2.2', NOON, { until: NOON + 2 * HOUR })]);
    expect(ledger.standing.nextEnd()).toBe(NOON + 2 * HOUR);
    hold();
    ledger.record([banned('192.0.2.3', NOON, { until: NOON + HOUR })]);
    expect(ledger.standing.nextEnd()).toBe(NOON + HOUR);
  });

  it('is in one second when ended bans could not be deleted, or earlier if another ban ends before', () => {
    ledger.record([banned('192.0.2.1', NOON, { until: NOON + MINUTE }), banned('192.0.2.2', NOON, { until: NOON + MINUTE + 300 })]);
    hold();
    file.now = NOON + MINUTE;
    ledger.expired();
    expect(ledger.standing.nextEnd()).toBe(NOON + MINUTE + 300);
    file.now = NOON + MINUTE + 300;
    ledger.expired();
    expect(ledger.standing.nextEnd()).toBe(file.now + SECOND);
  });
});
