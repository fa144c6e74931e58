import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AllowList } from '../../src/decision/decide.ts';
import { HAND_JAIL, type Ban } from '../../src/types.ts';
import { ban, HOUR, MINUTE, network, NOON, policy } from '../support/decision-words.ts';
import { banned, LedgerFile, pastOf } from '../support/ledger-file.ts';

let file: LedgerFile;

beforeEach(() => {
  file = new LedgerFile();
});
afterEach(() => file.remove());

const networksOf = (bans: readonly Ban[]): string[] => bans.map((each) => each.network);

/** A ban by hand. */
const byHand = (text: string, rest: Partial<Ban> = {}): Ban => ban(text, file.now, { jail: HAND_JAIL, origin: 'hand', ...rest });

describe('Ledger.unban', () => {
  it('ends every ban inside a network, of all jails, and no other', () => {
    const ledger = file.open();
    ledger.record(['192.0.2.1', '192.0.2.255', '192.0.3.1'].map((client) => banned(client)));
    ledger.recordBans([byHand('192.0.2.0/25'), byHand('192.0.0.0/16'), byHand('2001:db8::/64')]);
    expect(networksOf(ledger.unban([network('192.0.2.0/24')])).toSorted()).toEqual([
      '192.0.2.0/25',
      '192.0.2.1/32',
      '192.0.2.255/32',
    ]);
    expect(networksOf(ledger.bans()).toSorted()).toEqual(['192.0.0.0/16', '192.0.3.1/32', '2001:db8::/64']);
  });

  it('ends all', () => {
    const ledger = file.open();
    ledger.record([banned('192.0.2.7'), banned('2001:db8::1')]);
    expect(ledger.unban('all')).toHaveLength(2);
    expect(ledger.bans()).toEqual([]);
  });

  it('of what is not banned ends nothing', () => {
    expect(file.open().unban([network('192.0.2.7')])).toEqual([]);
  });

  it('lets the next hit make a new, longer ban, and holds no older one against it', () => {
    const ledger = file.open();
    ledger.record([banned('192.0.2.7', NOON, { until: null })]);
    file.now += MINUTE;
    ledger.unban([network('192.0.2.7')]);
    expect(pastOf(ledger, network('192.0.2.7'), 'spamtrap')).toEqual({ bannedUntil: file.now, lastOffence: NOON, offences: 1 });
  });
});

describe('Ledger.end', () => {
  it("ends one jail's ban and keeps the other's", () => {
    const ledger = file.open();
    const bans = [banned('192.0.2.7'), banned('192.0.2.7', NOON, { jail: 'redirect', until: NOON + 2 * HOUR })];
    ledger.record(bans);
    expect(ledger.end([ban('192.0.2.7', NOON, { jail: 'redirect' })])).toHaveLength(1);
    expect(ledger.entriesFor([network('192.0.2.7')])).toEqual([{ network: '192.0.2.7/32', until: NOON + HOUR }]);
    expect(ledger.end([ban('192.0.2.7'), ban('192.0.2.8')])).toHaveLength(1);
    expect(ledger.entriesFor([network('192.0.2.7')])).toEqual([]);
  });

  it('B12: takes out of force what the allow-list covers now', () => {
    const ledger = file.open();
    ledger.record([banned('192.0.2.7'), banned('192.0.2.8')]);
    const allow = AllowList.load([policy({ ignoreip: ['192.0.2.7'] })], { addresses: () => [] });
    ledger.end(allow.lifted(ledger.bans()).map((lifted) => lifted.ban));
    expect(networksOf(file.reopen().bans())).toEqual(['192.0.2.8/32']);
  });
});

describe('Ledger.evict', () => {
  it('B10: ends the bans of a log that would end first while there are too many, and none by hand or for ever', () => {
    const ledger = file.open({ mostBans: 3 });
    ledger.recordBans([byHand('192.0.2.1', { until: NOON + MINUTE })]);
    ledger.record([
      banned('192.0.2.2', NOON, { until: null }),
      banned('192.0.2.3', NOON, { until: NOON + 2 * HOUR }),
      banned('192.0.2.4', NOON, { until: NOON + HOUR }),
      banned('192.0.2.5', NOON, { until: NOON + 3 * HOUR }),
    ]);
    expect(networksOf(ledger.evict()).toSorted()).toEqual(['192.0.2.3/32', '192.0.2.4/32']);
    expect(ledger.evict()).toEqual([]);
    expect(networksOf(ledger.bans()).toSorted()).toEqual(['192.0.2.1/32', '192.0.2.2/32', '192.0.2.5/32']);
    expect(pastOf(ledger, network('192.0.2.4/32'), 'spamtrap')).toMatchObject({ bannedUntil: NOON, offences: 1 });
  });
});

describe('Ledger.recordBans', () => {
  it('takes the newest word, also when it is shorter', () => {
    const ledger = file.open();
    ledger.recordBans([byHand('192.0.2.7', { until: null })]);
    expect(ledger.recordBans([byHand('192.0.2.7', { until: NOON + HOUR })])).toHaveLength(1);
    expect(ledger.bans().map((each) => each.until)).toEqual([NOON + HOUR]);
  });

  it('remembers that a ban was forced against the allow-list', () => {
    file.open().recordBans([byHand('192.0.2.7', { forced: true })]);
    expect(file.reopen().bans()).toEqual([byHand('192.0.2.7', { forced: true })]);
  });

  it('leaves out what would be over already', () => {
    expect(file.open().recordBans([byHand('192.0.2.7', { until: NOON })])).toEqual([]);
  });
});

describe('Ledger.bans and entries', () => {
  it('leave out what is over, though nobody took it out yet', () => {
    const ledger = file.open();
    ledger.record([banned('192.0.2.7')]);
    file.now += HOUR;
    expect([ledger.bans(), ledger.entries(), ledger.entriesFor([network('192.0.2.7')])]).toEqual([[], [], []]);
  });

  it('N04: list the bans inside a network', () => {
    const ledger = file.open();
    ledger.record(['192.0.1.255', '192.0.2.0', '192.0.2.255', '192.0.3.0', '2001:db8::1'].map((client) => banned(client)));
    expect(networksOf(ledger.bans(network('192.0.2.0/24')))).toEqual(['192.0.2.0/32', '192.0.2.255/32']);
    expect(networksOf(ledger.bans(network('::/0')))).toEqual(['2001:db8::1/128']);
  });

  it('tell which bans hold an address', () => {
    const ledger = file.open();
    ledger.recordBans([byHand('192.0.2.0/24'), byHand('192.0.2.7'), byHand('192.0.3.0/24'), byHand('2001:db8::/64')]);
    expect(networksOf(ledger.bansAround(network('192.0.2.7')))).toEqual(['192.0.2.0/24', '192.0.2.7/32']);
    expect(networksOf(ledger.bansAround(network('2001:db8::9')))).toEqual(['2001:db8::/64']);
  });

  it('name each network once, with the latest end over all jails', () => {
    const ledger = file.open();
    const jails = [
      banned('192.0.2.7'),
      banned('192.0.2.7', NOON, { jail: 'redirect', until: NOON + 2 * HOUR }),
      banned('192.0.2.8'),
    ];
    ledger.record([...jails, banned('192.0.2.8', NOON, { jail: 'redirect', until: null })]);
    const entries = [
      { network: '192.0.2.7/32', until: NOON + 2 * HOUR },
      { network: '192.0.2.8/32', until: null },
    ];
    expect(ledger.entries()).toEqual(entries);
    expect(ledger.entriesFor([network('192.0.2.7'), network('192.0.2.9'), network('192.0.2.8')])).toEqual(entries);
  });
});
