import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Ledger } from '../../../src/ledger/record.ts';
import { ban, DAY, HOUR, MINUTE, network, NOON } from '../../support/decision/words.ts';
import { banned, LedgerFile, pastOf } from '../../support/ledger/file.ts';

const CLIENT = network('192.0.2.7/32');

let file: LedgerFile;
let ledger: Ledger;
let passed: number;

beforeEach(() => {
  file = new LedgerFile();
  passed = 0;
  ledger = file.open({ steady: () => passed });
});
afterEach(() => file.remove());

const past = (): unknown => pastOf(ledger, CLIENT, 'spamtrap');
const offences = (): string => file.shell('SELECT since, until FROM offences ORDER BY id');

describe('the history of a network', () => {
  it('has the number of the last offence, even when an earlier offence was recorded after it', () => {
    ledger.record([banned('192.0.2.7', NOON - HOUR, { offence: 2 }), banned('192.0.2.7', NOON - 3 * HOUR, { offence: 1 })]);
    expect(past()).toEqual({ bannedUntil: NOON, lastOffence: NOON - HOUR, offences: 2 });
  });

  it('has the end of the ban or the end of the last offence, whichever is later', () => {
    ledger.record([banned('192.0.2.7', NOON, { until: NOON + 3 * HOUR })]);
    ledger.record([banned('192.0.2.7', NOON + 1, { until: NOON + HOUR, offence: 2 })]);
    expect(past()).toEqual({ bannedUntil: NOON + 3 * HOUR, lastOffence: NOON + 1, offences: 2 });
  });

  it('uses the ban when its offence was deleted', () => {
    ledger.record([banned('192.0.2.7', NOON, { until: null, offence: 4 })]);
    file.shell('DELETE FROM offences');
    expect(past()).toEqual({ bannedUntil: null, lastOffence: NOON, offences: 4 });
  });
});

describe('an offence', () => {
  it('is recorded only if its ban ended within the retention time', () => {
    const oldest = NOON - 90 * DAY;
    ledger.record([
      banned('192.0.2.1', oldest - HOUR, { until: oldest }),
      banned('192.0.2.2', oldest - HOUR, { until: oldest + 1 }),
    ]);
    expect(file.shell('SELECT network FROM offences')).toBe('192.0.2.2/32');
  });

  it('gets a new end only when its own ban is ended early', () => {
    ledger.record([banned('192.0.2.7', NOON - 2 * HOUR), banned('192.0.2.7', NOON, { offence: 2, until: null })]);
    file.now = NOON + MINUTE;
    ledger.end([ban('192.0.2.7')]);
    expect(offences()).toBe(`${NOON - 2 * HOUR}|${NOON - HOUR}\n${NOON}|${NOON + MINUTE}`);
  });

  it('ends when a ban by hand replaces its ban', () => {
    ledger.recordBans([ban('192.0.2.7', NOON, { jail: 'manual', until: null })]);
    ledger.recordBans([ban('192.0.2.7', NOON + MINUTE, { jail: 'manual', until: NOON + HOUR })]);
    expect(offences()).toBe(`${NOON}|${NOON + MINUTE}\n${NOON + MINUTE}|${NOON + HOUR}`);
  });

  it('T13: remains over when the clock is set back after its end, so that the next hit leads to a ban', () => {
    ledger.record([
      banned('192.0.2.7', NOON - 2 * HOUR, { until: NOON - MINUTE }),
      banned('192.0.2.8', NOON, { until: NOON + HOUR }),
    ]);
    file.now -= HOUR;
    ledger.followClock();
    expect(past()).toMatchObject({ bannedUntil: NOON - MINUTE - HOUR });
    expect(pastOf(ledger, network('192.0.2.8/32'), 'spamtrap')).toMatchObject({ bannedUntil: NOON });
  });

  it('T13: keeps its end when the clock is set back to a time after this end', () => {
    ledger.record([banned('192.0.2.7', NOON - 3 * HOUR, { until: NOON - HOUR })]);
    file.now -= HOUR;
    ledger.followClock();
    expect(past()).toMatchObject({ bannedUntil: NOON - HOUR });
  });
});

describe('a purge', () => {
  it('deletes the oldest offences when there are more than two million, whatever their age', () => {
    ledger.record([banned('192.0.2.1'), banned('192.0.2.2'), banned('192.0.2.3')]);
    file.shell('UPDATE offences SET id = 2000002 WHERE id = 3');
    while (ledger.purge());
    expect(file.shell('SELECT id FROM offences')).toBe('2000002');
  });
});
