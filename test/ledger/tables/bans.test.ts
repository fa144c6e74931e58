import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AllowList } from '../../../src/decision/decide.ts';
import { HAND_JAIL, type Ban } from '../../../src/words/walk.ts';
import { ban, HOUR, MINUTE, network, NOON, policy } from '../../support/decision/words.ts';
import { banned, LedgerFile, pastOf } from '../../support/ledger/file.ts';

let file: LedgerFile;

beforeEach(() => {
  file = new LedgerFile();
});
afterEach(() => file.remove());

const networksOf = (bans: readonly Ban[]): string[] => bans.map((each) => each.network);

/** A ban by hand. */
const byHand = (text: string, rest: Partial<Ban> = {}): Ban => ban(text, file.now, { jail: HAND_JAIL, origin: 'hand', ...rest });

describe('Ledger.unban', () => {
  it('ends the bans of all jails inside a network, and no other ban', () => {
    const ledger = file.open();
    ledger.recordStrictly(['192.0.1.255', '192.0.2.1', '192.0.2.255', '192.0.3.1'].map((client) => banned(client)));
    ledger.recordBans([byHand('192.0.2.0/25'), byHand('192.0.0.0/16'), byHand('2001:db8::/64')]);
    expect(networksOf(ledger.unban([network('192.0.2.0/24')])).toSorted()).toEqual([
      '192.0.2.0/25',
      '192.0.2.1/32',
      '192.0.2.255/32',
    ]);
    expect(networksOf(ledger.standing.list()).toSorted()).toEqual([
      '192.0.0.0/16',
      '192.0.1.255/32',
      '192.0.3.1/32',
      '2001:db8::/64',
    ]);
  });

  it('ends all bans', () => {
    const ledger = file.open();
    ledger.recordStrictly([banned('192.0.2.7'), banned('2001:db8::1')]);
    expect(ledger.unban('all')).toHaveLength(2);
    expect(ledger.standing.list()).toEqual([]);
  });

  it('ends at most the given number of bans in one call, counted over all networks', () => {
    const ledger = file.open();
    ledger.recordStrictly(['192.0.2.1', '192.0.2.2', '198.51.100.1', '198.51.100.2'].map((client) => banned(client)));
    const ranges = ['192.0.2.0/24', '198.51.100.0/24'].map((range) => network(range));
    expect([3, 3, 3].map((most) => ledger.unban(ranges, most).length)).toEqual([3, 1, 0]);
    ledger.recordStrictly(['192.0.2.3', '192.0.2.4', '192.0.2.5'].map((client) => banned(client)));
    expect([2, 2].map((most) => ledger.unban('all', most).length)).toEqual([2, 1]);
  });

  it('ends no ban for a network without a ban', () => {
    expect(file.open().unban([network('192.0.2.7')])).toEqual([]);
  });

  it('keeps the number of offences, so that the next ban is longer, and sets the end of the last ban to now', () => {
    const ledger = file.open();
    ledger.recordStrictly([banned('192.0.2.7', NOON, { until: null })]);
    file.now += MINUTE;
    ledger.unban([network('192.0.2.7')]);
    expect(pastOf(ledger, network('192.0.2.7'), 'spamtrap')).toEqual({ bannedUntil: file.now, lastOffence: NOON, offences: 1 });
  });
});

describe('Ledger.end', () => {
  it('ends the ban of one jail, and keeps the ban of another jail for this network', () => {
    const ledger = file.open();
    const bans = [banned('192.0.2.7'), banned('192.0.2.7', NOON, { jail: 'redirect', until: NOON + 2 * HOUR })];
    ledger.recordStrictly(bans);
    expect(ledger.end([ban('192.0.2.7', NOON, { jail: 'redirect' })])).toHaveLength(1);
    expect(ledger.standing.entriesFor([network('192.0.2.7')])).toEqual([{ network: '192.0.2.7/32', until: NOON + HOUR }]);
    expect(ledger.end([ban('192.0.2.7'), ban('192.0.2.8')])).toHaveLength(1);
    expect(ledger.standing.entriesFor([network('192.0.2.7')])).toEqual([]);
  });

  it('B12: ends the bans of networks that are now on the allow-list', () => {
    const ledger = file.open();
    ledger.recordStrictly([banned('192.0.2.7'), banned('192.0.2.8')]);
    const allow = AllowList.load([policy({ ignoreip: ['192.0.2.7'] })], { addresses: () => [] });
    ledger.end(allow.lifted(ledger.standing.list()).map((lifted) => lifted.ban));
    expect(networksOf(file.reopen().standing.list())).toEqual(['192.0.2.8/32']);
  });
});

describe('Ledger.evict', () => {
  it('B10: above the limit, ends the bans from a log that would end first, but no ban by hand and no ban for ever', () => {
    const ledger = file.open({ mostBans: 3 });
    ledger.recordBans([byHand('192.0.2.1', { until: NOON + MINUTE })]);
    ledger.recordStrictly([
      banned('192.0.2.2', NOON, { until: null }),
      banned('192.0.2.3', NOON, { until: NOON + 2 * HOUR }),
      banned('192.0.2.4', NOON, { until: NOON + HOUR }),
      banned('192.0.2.5', NOON, { until: NOON + 3 * HOUR }),
    ]);
    expect(networksOf(ledger.evict()).toSorted()).toEqual(['192.0.2.3/32', '192.0.2.4/32']);
    expect(ledger.evict()).toEqual([]);
    expect(networksOf(ledger.standing.list()).toSorted()).toEqual(['192.0.2.1/32', '192.0.2.2/32', '192.0.2.5/32']);
    expect(pastOf(ledger, network('192.0.2.4/32'), 'spamtrap')).toMatchObject({ bannedUntil: NOON, offences: 1 });
  });
});

describe('Ledger.recordBans', () => {
  it('replaces the end of an earlier ban by hand, even by an earlier end', () => {
    const ledger = file.open();
    ledger.recordBans([byHand('192.0.2.7', { until: null })]);
    expect(ledger.recordBans([byHand('192.0.2.7', { until: NOON + HOUR })]).bans).toHaveLength(1);
    expect(ledger.standing.list().map((each) => each.until)).toEqual([NOON + HOUR]);
  });

  it('records that a ban of an allowed address was forced', () => {
    file.open().recordBans([byHand('192.0.2.7', { forced: true })]);
    expect(file.reopen().standing.list()).toEqual([byHand('192.0.2.7', { forced: true })]);
  });

  it('leaves out a ban that is already over', () => {
    expect(file.open().recordBans([byHand('192.0.2.7', { until: NOON })]).bans).toEqual([]);
  });
});

describe('Standing.list, entries and around', () => {
  it('leave out bans that are over, even if they are not yet deleted', () => {
    const ledger = file.open();
    ledger.recordStrictly([banned('192.0.2.7')]);
    file.now += HOUR;
    expect([ledger.standing.list(), ledger.standing.entries(), ledger.standing.entriesFor([network('192.0.2.7')])]).toEqual([
      [],
      [],
      [],
    ]);
  });

  it('N04: list the bans inside a network', () => {
    const ledger = file.open();
    ledger.recordStrictly(['192.0.1.255', '192.0.2.0', '192.0.2.255', '192.0.3.0', '2001:db8::1'].map((client) => banned(client)));
    expect(networksOf(ledger.standing.list(network('192.0.2.0/24')))).toEqual(['192.0.2.0/32', '192.0.2.255/32']);
    expect(networksOf(ledger.standing.list(network('::/0')))).toEqual(['2001:db8::1/128']);
  });

  it('find the bans that contain an address', () => {
    const ledger = file.open();
    ledger.recordBans([byHand('192.0.2.0/24'), byHand('192.0.2.7'), byHand('192.0.3.0/24'), byHand('2001:db8::/64')]);
    expect(networksOf(ledger.standing.around(network('192.0.2.7')))).toEqual(['192.0.2.0/24', '192.0.2.7/32']);
    expect(networksOf(ledger.standing.around(network('2001:db8::9')))).toEqual(['2001:db8::/64']);
  });

  it('name each network once, with the latest end over all jails', () => {
    const ledger = file.open();
    const jails = [
      banned('192.0.2.7'),
      banned('192.0.2.7', NOON, { jail: 'redirect', until: NOON + 2 * HOUR }),
      banned('192.0.2.8'),
    ];
    ledger.recordStrictly([...jails, banned('192.0.2.8', NOON, { jail: 'redirect', until: null })]);
    const entries = [
      { network: '192.0.2.7/32', until: NOON + 2 * HOUR },
      { network: '192.0.2.8/32', until: null },
    ];
    expect(ledger.standing.entries()).toEqual(entries);
    expect(ledger.standing.entriesFor([network('192.0.2.7'), network('192.0.2.9'), network('192.0.2.8')])).toEqual(entries);
  });
});
