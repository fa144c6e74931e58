import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase, type Database } from '../../src/lib/store/driver.ts';
import type { Ledger } from '../../src/ledger/record.ts';
import type { Ban, Verdict } from '../../src/words/walk.ts';
import { HOUR, MINUTE, NOON, SECOND } from '../support/decision/words.ts';
import { banned, LedgerFile } from '../support/ledger/file.ts';

let file: LedgerFile;
let ledger: Ledger;
let other: Database;
let passed: number;

beforeEach(() => {
  file = new LedgerFile();
  passed = 0;
  ledger = file.open({ busyTimeout: 1, steady: () => passed });
  other = openDatabase(file.path);
});
afterEach(() => {
  other.close();
  file.remove();
});

/** Makes another connection lock the file, so that the ledger cannot write until `release`. */
const hold = (): unknown => other.exec('BEGIN IMMEDIATE');
const release = (): unknown => other.exec('ROLLBACK');

function pass(millis: number): void {
  passed += millis;
  file.now += millis;
}

const banUntil = (client: string, millis: number): Verdict => banned(client, NOON, { until: NOON + millis });
const networksOf = (bans: readonly Ban[]): string[] => bans.map((each) => each.network);
const ended = (): string[] => networksOf(ledger.expired());

describe('Ledger.expired', () => {
  it('ends a ban at its time, and not before', () => {
    ledger.record([banUntil('192.0.2.1', MINUTE), banUntil('192.0.2.2', MINUTE + 1)]);
    pass(MINUTE - 1);
    expect(ended()).toEqual([]);
    pass(1);
    expect(ended()).toEqual(['192.0.2.1/32']);
    pass(1);
    expect(ended()).toEqual(['192.0.2.2/32']);
  });

  it('ends at most 2,000 bans in one call, in the order of their ends', () => {
    ledger.recordStrictly(Array.from({ length: 2001 }, (_, n) => banUntil(`10.0.${n >> 8}.${n & 255}`, 5000 - n)));
    pass(MINUTE);
    const first = ended();
    expect([first.length, new Set(first).size]).toEqual([2000, 2000]);
    expect(ended()).toEqual(['10.0.0.0/32']);
  });
});

describe('Ledger.expired, while the file cannot be written,', () => {
  it('reports each ban once, exactly at its end', () => {
    ledger.record([banUntil('192.0.2.1', MINUTE), banUntil('192.0.2.2', MINUTE + 1)]);
    hold();
    pass(MINUTE);
    expect(ended()).toEqual(['192.0.2.1/32']);
    pass(1);
    expect(ended()).toEqual(['192.0.2.2/32']);
    expect(ended()).toEqual([]);
    release();
    pass(SECOND);
    expect(ended()).toEqual([]);
    expect(file.shell('SELECT count(*) FROM bans')).toBe('0');
  });

  it('reports each ban once, also when more bans are over than one later call deletes', () => {
    ledger.recordStrictly(Array.from({ length: 2500 }, (_, n) => banUntil(`10.0.${n >> 8}.${n & 255}`, MINUTE + n)));
    hold();
    pass(2 * MINUTE);
    expect(ended()).toHaveLength(2500);
    release();
    pass(SECOND);
    expect([ended(), ended()]).toEqual([[], []]);
    expect(file.shell('SELECT count(*) FROM bans')).toBe('0');
  });

  it('reports each ban once, also when more bans have the same end than one later call deletes', () => {
    ledger.recordStrictly(Array.from({ length: 2001 }, (_, n) => banUntil(`10.0.${n >> 8}.${n & 255}`, MINUTE)));
    hold();
    pass(MINUTE);
    expect(ended()).toHaveLength(2001);
    release();
    pass(SECOND);
    expect([ended(), ended()]).toEqual([[], []]);
  });

  it('logs that the file cannot be written', () => {
    ledger.record([banUntil('192.0.2.1', MINUTE)]);
    hold();
    pass(MINUTE);
    ended();
    expect(file.notices).toEqual([expect.stringMatching(/; bans from the log are kept in memory until it can be written$/)]);
    release();
  });

  it('reports a later end when the file can be written again', () => {
    ledger.record([banUntil('192.0.2.1', MINUTE), banUntil('192.0.2.2', 2 * MINUTE)]);
    hold();
    pass(MINUTE);
    ended();
    pass(MINUTE);
    release();
    expect(ended()).toEqual(['192.0.2.2/32']);
  });

  it('reports each ban once, at its time, also when the clock is set back in between', () => {
    ledger.record([banUntil('192.0.2.1', MINUTE), banUntil('192.0.2.2', 11 * MINUTE)]);
    hold();
    pass(MINUTE);
    expect(ended()).toEqual(['192.0.2.1/32']);
    // The file can be written for a moment, so that the ends in it move with the clock.
    release();
    file.now -= HOUR;
    ledger.followClock();
    hold();
    pass(5 * MINUTE);
    expect(ended()).toEqual([]);
    pass(5 * MINUTE);
    expect(ended()).toEqual(['192.0.2.2/32']);
    release();
    pass(SECOND);
    expect(ended()).toEqual([]);
  });

  it('reports no ban again when the clock goes back by less than two seconds', () => {
    ledger.record([banUntil('192.0.2.1', MINUTE - 500), banUntil('192.0.2.2', MINUTE)]);
    hold();
    pass(MINUTE + 100);
    expect(ended()).toHaveLength(2);
    file.now -= 200;
    expect(ended()).toEqual([]);
    file.now += 200;
    expect(ended()).toEqual([]);
    release();
  });
});

describe('Ledger.evict', () => {
  it('ends the ban with the earliest end only when there are more bans than the limit', () => {
    ledger = file.reopen({ mostBans: 2 });
    ledger.record([banUntil('192.0.2.1', 3 * HOUR), banUntil('192.0.2.2', HOUR)]);
    expect(ledger.evict()).toEqual([]);
    ledger.record([banUntil('192.0.2.3', 2 * HOUR)]);
    expect(networksOf(ledger.evict())).toEqual(['192.0.2.2/32']);
    expect(ledger.evict()).toEqual([]);
  });

  it('ends at most 2,000 bans in one call', () => {
    ledger = file.reopen({ mostBans: 0 });
    ledger.recordStrictly(Array.from({ length: 2001 }, (_, n) => banUntil(`10.0.${n >> 8}.${n & 255}`, HOUR + n)));
    expect([ledger.evict().length, ledger.evict().length, ledger.evict().length]).toEqual([2000, 1, 0]);
  });
});
