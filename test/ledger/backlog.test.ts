import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LedgerError } from '../../src/errors.ts';
import { openDatabase, type Database } from '../../src/ledger/store/driver.ts';
import type { Ledger } from '../../src/ledger/record.ts';
import { HOUR, MINUTE, NOON, SECOND, ban, hit, network } from '../support/decision-words.ts';
import { banned, LedgerFile, pastOf } from '../support/ledger-file.ts';

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

/** From now on nothing can be written: another program holds the file. */
const hold = (): unknown => other.exec('BEGIN IMMEDIATE');

/** It can be written again, and a second has passed. */
const release = (): void => {
  other.exec('ROLLBACK');
  file.now += SECOND;
};

const log = (cursor: string): { source: string; cursor: string } => ({ source: 'file:/log', cursor });

describe('a ledger that cannot be written', () => {
  it('keeps what is to be kept: the bans are in force, and known to whoever asks', () => {
    ledger.keep([banned('192.0.2.1')], log('1'));
    hold();
    expect(ledger.keep([banned('192.0.2.7')], log('2')).map((set) => set.network)).toEqual([CLIENT]);
    expect(pastOf(ledger, CLIENT, 'spamtrap')).toEqual({ bannedUntil: NOON + HOUR, lastOffence: NOON, offences: 1 });
    expect(ledger.bans().map((each) => each.network)).toEqual(['192.0.2.1/32', CLIENT]);
    expect(ledger.bans(network('192.0.2.0/30')).map((each) => each.network)).toEqual(['192.0.2.1/32']);
    expect(ledger.entries().map((entry) => entry.network)).toEqual(['192.0.2.1/32', CLIENT]);
    expect(ledger.entriesFor([CLIENT])).toEqual([{ network: CLIENT, until: NOON + HOUR }]);
    expect(ledger.cursor('file:/log')).toBe('2');
    expect(ledger.unwritten.hits).toBe(1);
  });

  it('takes no ban twice', () => {
    hold();
    ledger.keep([banned('192.0.2.7')]);
    expect(ledger.keep([banned('192.0.2.7')])).toEqual([]);
    expect(ledger.keep([banned('192.0.2.7', NOON, { until: null, offence: 2 })])).toHaveLength(1);
    expect(ledger.bans()).toEqual([expect.objectContaining({ network: CLIENT, until: null })]);
  });

  it('says so once, and once that it is over', () => {
    hold();
    for (const client of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) {
      file.now += 2 * SECOND;
      ledger.keep([banned(client)]);
    }
    release();
    ledger.keep([banned('192.0.2.4')]);
    expect(file.notices).toEqual([
      expect.stringMatching(/trapline\.db: .* \(SQLITE_BUSY\), .*; bans from the log go on in memory until it can be written$/),
      expect.stringMatching(/trapline\.db: can be written again, nothing was lost$/),
    ]);
  });

  it('writes everything down, once, when it can, cursors included', () => {
    hold();
    ledger.keep([banned('192.0.2.1')], log('1'));
    ledger.keep([{ kind: 'held', hit: hit('192.0.2.1'), network: network('192.0.2.1/32'), until: NOON + HOUR }], log('2'));
    ledger.keep([], log('3'));
    release();
    ledger.keep([banned('192.0.2.2')], log('4'));
    ledger = file.reopen();
    expect(ledger.counts()).toMatchObject({ hits: 3, bans: 2 });
    expect(ledger.cursor('file:/log')).toBe('4');
    expect(file.shell('SELECT address, verdict FROM hits ORDER BY id')).toBe('192.0.2.1|ban\n192.0.2.1|held\n192.0.2.2|ban');
    expect(file.shell('SELECT network, offence FROM offences')).toBe('192.0.2.1/32|1\n192.0.2.2/32|1');
  });

  it('writes down what waits without a further hit, too', () => {
    hold();
    ledger.keep([banned('192.0.2.1')], log('1'));
    release();
    ledger.purge();
    expect(ledger.unwritten.hits).toBe(0);
    expect(file.shell('SELECT count(*) FROM hits')).toBe('1');
  });

  it('does not try more than once a second', () => {
    hold();
    ledger.keep([banned('192.0.2.1')]);
    other.exec('ROLLBACK');
    ledger.keep([banned('192.0.2.2')]);
    expect(file.shell('SELECT count(*) FROM hits')).toBe('0');
    file.now += SECOND;
    ledger.keep([banned('192.0.2.3')]);
    expect(file.shell('SELECT count(*) FROM hits')).toBe('3');
  });

  it('counts the next offence from a ban that is only in memory, also when that is over', () => {
    hold();
    ledger.keep([banned('192.0.2.7', NOON, { until: NOON + MINUTE })]);
    file.now += 2 * MINUTE;
    expect(ledger.expired().map((over) => over.network)).toEqual([CLIENT]);
    expect(pastOf(ledger, CLIENT, 'spamtrap')).toMatchObject({ offences: 1, bannedUntil: NOON + MINUTE });
    expect(ledger.bans()).toEqual([]);
  });

  it('is full at so many hits that reading should wait, and not before', () => {
    hold();
    const held = { kind: 'held', hit: hit('192.0.2.1'), network: network('192.0.2.1/32'), until: null } as const;
    const batch = Array.from({ length: 10_000 }, () => held);
    for (let count = 0; count < 9; count += 1) ledger.keep(batch);
    expect(ledger.unwritten).toEqual({ hits: 90_000, bans: 0, full: false });
    ledger.keep(batch);
    expect(ledger.unwritten).toEqual({ hits: 100_000, bans: 0, full: true });
    release();
    while (ledger.unwritten.hits > 0) ledger.keep([]);
    expect(ledger.counts().hits).toBe(100_000);
  });

  it('refuses bans and unbans by hand: what is answered is written down', () => {
    ledger.keep([banned('192.0.2.1')]);
    hold();
    expect(() => ledger.recordBans([ban('192.0.2.9')])).toThrow(LedgerError);
    expect(() => ledger.unban('all')).toThrow(LedgerError);
    expect(() => ledger.record([banned('192.0.2.8')])).toThrow(LedgerError);
    expect(ledger.bans().map((each) => each.network)).toEqual(['192.0.2.1/32']);
  });

  it('writes what waits before a ban or unban by hand', () => {
    hold();
    ledger.keep([banned('192.0.2.1')]);
    release();
    expect(ledger.unban([network('192.0.2.1/32')])).toHaveLength(1);
    expect(ledger.bans()).toEqual([]);
    expect(ledger.entries()).toEqual([]);
  });

  it('ends every ban once, in memory or in the file, and takes those of the file out later', () => {
    ledger.keep([banned('192.0.2.1', NOON, { until: NOON + MINUTE })]);
    hold();
    ledger.keep([banned('192.0.2.7', NOON, { until: NOON + MINUTE })]);
    file.now += 2 * MINUTE;
    expect(ledger.nextEnd()).toBe(NOON + MINUTE);
    expect(ledger.expired().map((over) => over.network)).toEqual([CLIENT, '192.0.2.1/32']);
    expect(ledger.expired()).toEqual([]);
    expect(ledger.nextEnd()).toBe(file.now + SECOND);
    release();
    expect(ledger.expired()).toEqual([]);
    expect(ledger.nextEnd()).toBeUndefined();
    expect(file.shell('SELECT count(*) FROM bans')).toBe('0');
  });

  it('tells the end of a ban also when it is written down in the same moment', () => {
    hold();
    ledger.keep([banned('192.0.2.7', NOON, { until: NOON + MINUTE })]);
    file.now += 2 * MINUTE;
    release();
    ledger.keep([]);
    expect(ledger.expired().map((over) => over.network)).toEqual([CLIENT]);
    expect(ledger.expired()).toEqual([]);
  });

  it('T13: moves the ends of bans in memory with a clock that is set back', () => {
    let steady = 0;
    ledger = file.reopen({ busyTimeout: 1, steady: () => steady });
    ledger.keep([banned('192.0.2.1')]);
    hold();
    ledger.keep([banned('192.0.2.7')]);
    steady += 10 * SECOND;
    file.now += 10 * SECOND - 30 * MINUTE;
    expect(() => ledger.followClock()).toThrow(LedgerError);
    expect(ledger.bans().map((each) => each.until)).toContain(NOON + HOUR - 30 * MINUTE);
    other.exec('ROLLBACK');
    steady += SECOND;
    file.now += SECOND;
    ledger.followClock();
    ledger.keep([]);
    expect(file.shell('SELECT DISTINCT until FROM bans')).toBe(String(NOON + HOUR - 30 * MINUTE));
  });

  it('leaves to the next start what could not be written to the end', () => {
    ledger.keep([banned('192.0.2.1')], log('1'));
    hold();
    ledger.keep([banned('192.0.2.7')], log('2'));
    ledger.close();
    other.exec('ROLLBACK');
    expect(file.notices.at(-1)).toMatch(/trapline\.db: hits not written down: 1; the next start reads them from the log again$/);
    expect(file.open().cursor('file:/log')).toBe('1');
  });
});
