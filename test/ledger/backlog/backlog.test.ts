import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LedgerError } from '../../../src/errors.ts';
import { openDatabase, type Database } from '../../../src/lib/store/driver.ts';
import type { Verdict } from '../../../src/words/walk.ts';
import { Backlog } from '../../../src/ledger/backlog/backlog.ts';
import type { Ledger } from '../../../src/ledger/record.ts';
import { HOUR, MINUTE, NOON, SECOND, ban, hit, network } from '../../support/decision/words.ts';
import { banned, LedgerFile, pastOf } from '../../support/ledger/file.ts';

const CLIENT = network('192.0.2.7/32');

let file: LedgerFile;
let ledger: Ledger;
let other: Database;

beforeEach(() => {
  file = new LedgerFile();
  ledger = file.open({ busyTimeout: 1 });
  other = openDatabase(file.path);
});
afterEach(() => {
  other.close();
  file.remove();
});

/** Makes another connection lock the file, so that the ledger cannot write. */
const hold = (): unknown => other.exec('BEGIN IMMEDIATE');

/** Allows writes again, and moves the clock by a second, because the ledger tries to write only once a second. */
const release = (): void => {
  other.exec('ROLLBACK');
  file.now += SECOND;
};

const log = (cursor: string): { source: string; cursor: string } => ({ source: 'file:/log', cursor });

const watched = (client: string, at = NOON): Verdict => ({
  kind: 'watch',
  hit: hit(client, at),
  network: network(`${client}/32`),
  count: 1,
  maxretry: 3,
});

describe('a ledger that cannot be written', () => {
  it('keeps hits, bans and cursors in memory: the bans are in force, and every query returns them', () => {
    ledger.record([banned('192.0.2.1')], log('1'));
    hold();
    expect(ledger.record([banned('192.0.2.7')], log('2')).bans.map((set) => set.network)).toEqual([CLIENT]);
    expect(pastOf(ledger, CLIENT, 'spamtrap')).toEqual({ bannedUntil: NOON + HOUR, lastOffence: NOON, offences: 1 });
    expect(ledger.standing.list().map((each) => each.network)).toEqual(['192.0.2.1/32', CLIENT]);
    expect(ledger.standing.list(network('192.0.2.0/30')).map((each) => each.network)).toEqual(['192.0.2.1/32']);
    expect(ledger.standing.entries().map((entry) => entry.network)).toEqual(['192.0.2.1/32', CLIENT]);
    expect(ledger.standing.entriesFor([CLIENT])).toEqual([{ network: CLIENT, until: NOON + HOUR }]);
    expect(ledger.cursor('file:/log')).toBe('2');
    expect(ledger.unwritten.hits).toBe(1);
  });

  it('returns for each source the cursor of its newest batch', () => {
    hold();
    ledger.record([banned('192.0.2.1')], log('1'));
    ledger.record([banned('192.0.2.2')], { source: 'journal', cursor: 's=1' });
    ledger.record([banned('192.0.2.3')], log('2'));
    expect(['file:/log', 'journal'].map((source) => ledger.cursor(source))).toEqual(['2', 's=1']);
  });

  it('returns unwritten hits among the recent hits that a reload needs', () => {
    ledger.record([watched('192.0.2.1'), watched('192.0.2.2')]);
    hold();
    ledger.record([watched('192.0.2.1', NOON + 1), watched('192.0.2.3', NOON + 2), banned('192.0.2.2', NOON + 3)]);
    const counted = ledger.recentHits('spamtrap', NOON - MINUTE).map(({ address, at }) => `${address} ${at - NOON}`);
    expect(counted).toEqual(['192.0.2.1 0', '192.0.2.1 1', '192.0.2.3 2']);
    expect(ledger.recentHits('other', NOON - MINUTE)).toEqual([]);
    expect(ledger.recentHits('spamtrap', NOON + 1)).toHaveLength(1);
  });

  it('sets a ban once, and again only with a later end', () => {
    hold();
    ledger.record([banned('192.0.2.7')]);
    expect(ledger.record([banned('192.0.2.7')]).bans).toEqual([]);
    expect(ledger.record([banned('192.0.2.7', NOON, { until: null, offence: 2 })]).bans).toHaveLength(1);
    expect(ledger.standing.list()).toEqual([expect.objectContaining({ network: CLIENT, until: null })]);
  });

  it('logs once that it cannot be written, and logs once that it can be written again', () => {
    hold();
    for (const client of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) {
      file.now += 2 * SECOND;
      ledger.record([banned(client)]);
    }
    release();
    ledger.record([banned('192.0.2.4')]);
    expect(file.notices).toEqual([
      expect.stringMatching(/trapline\.db: .* \(SQLITE_BUSY\), .*; bans from the log are kept in memory until it can be written$/),
      expect.stringMatching(/trapline\.db: can be written again, nothing was lost$/),
    ]);
  });

  it('writes each hit, ban and cursor once when it can be written again', () => {
    hold();
    ledger.record([banned('192.0.2.1')], log('1'));
    ledger.record([{ kind: 'held', hit: hit('192.0.2.1'), network: network('192.0.2.1/32'), until: NOON + HOUR }], log('2'));
    ledger.record([], log('3'));
    release();
    ledger.record([banned('192.0.2.2')], log('4'));
    ledger = file.reopen();
    expect(ledger.counts()).toMatchObject({ hits: 3, bans: 2 });
    expect(ledger.cursor('file:/log')).toBe('4');
    expect(file.shell('SELECT address, verdict FROM hits ORDER BY id')).toBe('192.0.2.1|ban\n192.0.2.1|held\n192.0.2.2|ban');
    expect(file.shell('SELECT network, offence FROM offences')).toBe('192.0.2.1/32|1\n192.0.2.2/32|1');
  });

  it('writes the hits in memory even if no further hit comes', () => {
    hold();
    ledger.record([banned('192.0.2.1')], log('1'));
    release();
    ledger.purge();
    expect(ledger.unwritten.hits).toBe(0);
    expect(file.shell('SELECT count(*) FROM hits')).toBe('1');
  });

  it('tries to write at most once a second', () => {
    hold();
    ledger.record([banned('192.0.2.1')]);
    other.exec('ROLLBACK');
    ledger.record([banned('192.0.2.2')]);
    expect(file.shell('SELECT count(*) FROM hits')).toBe('0');
    file.now += SECOND;
    ledger.record([banned('192.0.2.3')]);
    expect(file.shell('SELECT count(*) FROM hits')).toBe('3');
  });

  it('counts a ban in memory as an offence, even after the ban has ended', () => {
    hold();
    ledger.record([banned('192.0.2.7', NOON, { until: NOON + MINUTE })]);
    file.now += 2 * MINUTE;
    expect(ledger.expired().map((over) => over.network)).toEqual([CLIENT]);
    expect(pastOf(ledger, CLIENT, 'spamtrap')).toMatchObject({ offences: 1, bannedUntil: NOON + MINUTE });
    expect(ledger.standing.list()).toEqual([]);
  });

  it('is full at 100,000 unwritten hits, and not before', () => {
    hold();
    const held = { kind: 'held', hit: hit('192.0.2.1'), network: network('192.0.2.1/32'), until: null } as const;
    const batch = Array.from({ length: 10_000 }, () => held);
    for (let count = 0; count < 9; count += 1) ledger.record(batch);
    expect(ledger.unwritten).toMatchObject({ hits: 90_000, bans: 0, full: false });
    ledger.record(batch);
    expect(ledger.unwritten).toMatchObject({ hits: 100_000, bans: 0, full: true });
    release();
    while (ledger.unwritten.hits > 0) ledger.record([]);
    expect(ledger.counts().hits).toBe(100_000);
  });

  it('refuses bans and unbans by hand, because they must be recorded before the answer', () => {
    ledger.record([banned('192.0.2.1')]);
    hold();
    expect(() => ledger.recordBans([ban('192.0.2.9')])).toThrow(LedgerError);
    expect(() => ledger.unban('all')).toThrow(LedgerError);
    expect(() => ledger.recordStrictly([banned('192.0.2.8')])).toThrow(LedgerError);
    expect(ledger.standing.list().map((each) => each.network)).toEqual(['192.0.2.1/32']);
  });

  it('writes the hits in memory before a ban or unban by hand', () => {
    hold();
    ledger.record([banned('192.0.2.1')]);
    release();
    expect(ledger.unban([network('192.0.2.1/32')])).toHaveLength(1);
    expect(ledger.standing.list()).toEqual([]);
    expect(ledger.standing.entries()).toEqual([]);
  });

  it('ends every ban in memory or in the file once, and deletes it from the file as soon as the file can be written', () => {
    ledger.record([banned('192.0.2.1', NOON, { until: NOON + MINUTE })]);
    hold();
    ledger.record([banned('192.0.2.7', NOON, { until: NOON + MINUTE })]);
    file.now += 2 * MINUTE;
    expect(ledger.standing.nextEnd()).toBe(NOON + MINUTE);
    expect(ledger.expired().map((over) => over.network)).toEqual([CLIENT, '192.0.2.1/32']);
    expect(ledger.expired()).toEqual([]);
    expect(ledger.standing.nextEnd()).toBe(file.now + SECOND);
    release();
    expect(ledger.expired()).toEqual([]);
    expect(ledger.standing.nextEnd()).toBeUndefined();
    expect(file.shell('SELECT count(*) FROM bans')).toBe('0');
  });

  it('reports the end of a ban that is written to the file after its end', () => {
    hold();
    ledger.record([banned('192.0.2.7', NOON, { until: NOON + MINUTE })]);
    file.now += 2 * MINUTE;
    release();
    ledger.record([]);
    expect(ledger.expired().map((over) => over.network)).toEqual([CLIENT]);
    expect(ledger.expired()).toEqual([]);
  });

  it('T13: moves the ends of bans in memory when the clock is set back', () => {
    let steady = 0;
    ledger = file.reopen({ busyTimeout: 1, steady: () => steady });
    ledger.record([banned('192.0.2.1')]);
    hold();
    ledger.record([banned('192.0.2.7')]);
    steady += 10 * SECOND;
    file.now += 10 * SECOND - 30 * MINUTE;
    expect(() => ledger.followClock()).toThrow(LedgerError);
    expect(ledger.standing.list().map((each) => each.until)).toContain(NOON + HOUR - 30 * MINUTE);
    other.exec('ROLLBACK');
    steady += SECOND;
    file.now += SECOND;
    ledger.followClock();
    ledger.record([]);
    expect(file.shell('SELECT DISTINCT until FROM bans')).toBe(String(NOON + HOUR - 30 * MINUTE));
  });

  it('logs at its close how many hits are not written, and keeps the cursor before these hits', () => {
    ledger.record([banned('192.0.2.1')], log('1'));
    hold();
    ledger.record([banned('192.0.2.7')], log('2'));
    ledger.close();
    other.exec('ROLLBACK');
    expect(file.notices.at(-1)).toMatch(/trapline\.db: hits not written down: 1; the next start reads them from the log again$/);
    expect(file.open().cursor('file:/log')).toBe('1');
  });
});

/** A backlog without a ledger. The result has the number of verdicts in each transaction, and a switch that makes writing fail. */
function alone() {
  const written: number[] = [];
  const lines: string[] = [];
  const clock = { now: NOON };
  const keep = (text: string): void => void lines.push(text);
  const state = { full: false, tries: 0 };
  const backlog = new Backlog({
    clock: () => clock.now,
    log: { debug: keep, info: keep, notice: keep, warn: keep, error: keep },
    write: ({ verdicts }) => {
      state.tries += 1;
      if (state.full) throw new LedgerError('/ledger: no room');
      written.push(verdicts.length);
    },
    past: (asked) => asked.map(() => ({ bannedUntil: undefined, lastOffence: undefined, offences: 0 })),
    name: '/ledger',
  });
  /** Adds a batch with `count` verdicts. */
  const add = (count: number): void =>
    void backlog.add(
      Array.from({ length: count }, () => banned('192.0.2.1')),
      undefined,
    );
  return { backlog, add, written, lines, clock, state };
}

describe('a backlog', () => {
  it('writes whole batches, about two thousand verdicts in a transaction', () => {
    const { backlog, add, written } = alone();
    for (const count of [2000, 2000, 1999, 1, 1]) add(count);
    expect(backlog.catchUp()).toBe(true);
    expect(written).toEqual([2000, 2000, 2000, 1]);
  });

  it('writes about ten thousand verdicts per attempt, and returns false until all are written', () => {
    const { backlog, add, written } = alone();
    for (const count of [6000, 6000, 6000]) add(count);
    expect([backlog.attempt(), written]).toEqual([false, [6000, 6000]]);
    expect([backlog.attempt(), written]).toEqual([true, [6000, 6000, 6000]]);
    expect(backlog.size).toBe(0);
  });

  it('tries to write once a second after a failure, and logs the failure once', () => {
    const { backlog, add, clock, lines, state } = alone();
    state.full = true;
    add(1);
    expect([backlog.attempt(), backlog.attempt()]).toEqual([false, false]);
    clock.now += 999;
    expect([backlog.attempt(), state.tries]).toEqual([false, 1]);
    clock.now += 1;
    expect([backlog.attempt(), backlog.attempt(), state.tries]).toEqual([false, false, 2]);
    expect(lines).toEqual(['/ledger: no room; bans from the log are kept in memory until it can be written']);
    expect(backlog.size).toBe(1);
  });

  it('sets no ban that is over', () => {
    const { backlog } = alone();
    const over = banned('192.0.2.7', NOON - HOUR, { until: NOON });
    expect(backlog.add([over], undefined)).toEqual([]);
    expect(backlog.bans.size).toBe(0);
  });

  it('tries to write once more when it is closed, and logs the number of hits only if writing fails', () => {
    const whole = alone();
    whole.add(3);
    whole.backlog.close();
    expect([whole.written, whole.lines]).toEqual([[3], []]);
    const rest = alone();
    rest.add(3);
    rest.state.full = true;
    rest.backlog.close();
    expect(rest.lines.at(-1)).toBe('/ledger: hits not written down: 3; the next start reads them from the log again');
  });
});
