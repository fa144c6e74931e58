import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AllowList, Judge } from '../../src/decision/decide.ts';
import { HAND_JAIL, type Ban, type Verdict } from '../../src/words/walk.ts';
import { ban, DAY, hit, HOUR, MINUTE, network, NOON, policy } from '../support/decision/words.ts';
import { banned, LedgerFile, pastOf } from '../support/ledger/file.ts';

let file: LedgerFile;

beforeEach(() => {
  file = new LedgerFile();
});
afterEach(() => file.remove());

const networksOf = (bans: readonly Ban[]): string[] => bans.map((each) => each.network);

/** A ban by hand. */
const byHand = (text: string, rest: Partial<Ban> = {}): Ban => ban(text, file.now, { jail: HAND_JAIL, origin: 'hand', ...rest });

describe('Ledger.recordStrictly', () => {
  it('returns the bans that are in force now, and lists them', () => {
    const ledger = file.open();
    expect(ledger.recordStrictly([banned('192.0.2.7')]).bans).toEqual([ban('192.0.2.7')]);
    expect(ledger.standing.list()).toEqual([ban('192.0.2.7')]);
  });

  it('keeps a ban that is already over only as an offence', () => {
    const ledger = file.open();
    expect(ledger.recordStrictly([banned('192.0.2.7', NOON - 2 * HOUR)]).bans).toEqual([]);
    expect(ledger.standing.list()).toEqual([]);
    expect(pastOf(ledger, network('192.0.2.7'), 'spamtrap')).toEqual({
      bannedUntil: NOON - HOUR,
      lastOffence: NOON - 2 * HOUR,
      offences: 1,
    });
  });

  it('returns one ban for a network that is banned twice', () => {
    const ledger = file.open();
    const later = banned('192.0.2.7', NOON - HOUR / 2, { offence: 2 });
    expect(ledger.recordStrictly([banned('192.0.2.7', NOON - 2 * HOUR), later]).bans).toEqual([
      ban('192.0.2.7', NOON - HOUR / 2, { offence: 2 }),
    ]);
  });

  it('extends a ban, and never shortens a ban', () => {
    const ledger = file.open();
    ledger.recordStrictly([banned('192.0.2.7', NOON, { until: NOON + 2 * HOUR })]);
    expect(ledger.recordStrictly([banned('192.0.2.7', NOON, { until: NOON + HOUR })]).bans).toEqual([]);
    expect(ledger.recordStrictly([banned('192.0.2.7', NOON, { until: null })]).bans).toHaveLength(1);
    expect(ledger.recordStrictly([banned('192.0.2.7', NOON, { until: NOON + 9 * HOUR })]).bans).toEqual([]);
    expect(ledger.standing.list().map((each) => each.until)).toEqual([null]);
  });

  it('keeps the cursor of each source (its place in the log)', () => {
    const ledger = file.open();
    ledger.recordStrictly([], { source: 'file:/var/log/mail.log', cursor: 'one' });
    ledger.recordStrictly([banned('192.0.2.7')], { source: 'file:/var/log/mail.log', cursor: 'two' });
    ledger.recordStrictly([], { source: 'journal', cursor: 's=1' });
    const again = file.reopen();
    expect(['file:/var/log/mail.log', 'journal', 'other'].map((source) => again.cursor(source))).toEqual(['two', 's=1', undefined]);
  });

  it('writes all of a batch, or nothing when part of it fails', () => {
    const ledger = file.open();
    const broken = { ...banned('192.0.2.8'), hit: { ...hit('192.0.2.8'), rule: null } } as unknown as Verdict;
    const write = (): unknown => ledger.recordStrictly([banned('192.0.2.7'), broken], { source: 'journal', cursor: 'x' });
    expect(write).toThrow('NOT NULL constraint failed');
    expect([ledger.standing.list(), ledger.counts().hits, ledger.cursor('journal')]).toEqual([[], 0, undefined]);
    expect(ledger.recordStrictly([banned('192.0.2.9')]).bans).toHaveLength(1);
  });

  it('stores the text of a client up to a length limit, with U+FFFD for NUL and for half of a surrogate pair', () => {
    const fields = { trap: 'a'.repeat(5000), sender: "x'); DROP TABLE bans; --", helo: 'a\0b\u{1F600}\uD800', queueId: 'NOQUEUE' };
    file.open().recordStrictly([{ ...banned('192.0.2.7'), hit: hit('192.0.2.7', NOON, { fields }) }]);
    file.close();
    expect(file.shell('SELECT length(trap), sender, helo, queue_id FROM hits')).toBe(
      "320|x'); DROP TABLE bans; --|a\uFFFDb\u{1F600}\uFFFD|NOQUEUE",
    );
  });

  it('counts hits, bans and spared hits of each jail', () => {
    const ledger = file.open();
    const spared: Verdict = { kind: 'spare', hit: hit('192.0.2.1'), because: 'ignoreip' };
    ledger.recordStrictly([banned('192.0.2.7'), spared, banned('192.0.2.8', NOON, { jail: 'redirect' })]);
    expect(ledger.counts()).toEqual({
      bans: 2,
      hits: 3,
      jails: { spamtrap: { hits: 2, bans: 1, spared: 1 }, redirect: { hits: 1, bans: 1, spared: 0 } },
    });
  });
});

describe('a restart', () => {
  it('B01: does not change the end of a ban', () => {
    file.open().recordStrictly([banned('192.0.2.7', NOON, { until: NOON + 10 * MINUTE })]);
    file.now += 5 * MINUTE;
    expect(
      file
        .reopen()
        .standing.list()
        .map((each) => each.until),
    ).toEqual([NOON + 10 * MINUTE]);
    file.now += 5 * MINUTE;
    expect(networksOf(file.reopen().expired())).toEqual(['192.0.2.7/32']);
  });

  it('B02: keeps unbans by hand and bans by hand', () => {
    const ledger = file.open();
    ledger.recordStrictly([banned('192.0.2.7')]);
    ledger.recordBans([byHand('198.51.100.0/24', { until: null, reason: 'enough' })]);
    ledger.unban([network('192.0.2.7')]);
    expect(file.reopen().standing.list()).toEqual([byHand('198.51.100.0/24', { until: null, reason: 'enough' })]);
  });

  it('B07: keeps a ban for ever', () => {
    file.open().recordStrictly([banned('192.0.2.7', NOON, { until: null })]);
    file.now += 400 * DAY;
    const again = file.reopen();
    expect(again.expired()).toEqual([]);
    expect(again.standing.entries()).toEqual([{ network: '192.0.2.7/32', until: null }]);
    expect(pastOf(again, network('192.0.2.7'), 'spamtrap')?.bannedUntil).toBeNull();
  });
});

describe('Ledger.past', () => {
  const client = network('192.0.2.7');

  it('is empty for a client without an offence, and for a jail without an offence of the client', () => {
    const ledger = file.open();
    ledger.recordStrictly([banned('192.0.2.7')]);
    const nothing = { bannedUntil: undefined, lastOffence: undefined, offences: 0 };
    expect(pastOf(ledger, network('192.0.2.8'), 'spamtrap')).toEqual(nothing);
    expect(pastOf(ledger, client, 'redirect')).toEqual(nothing);
  });

  it('still contains an offence after its ban is over', () => {
    const ledger = file.open();
    ledger.recordStrictly([banned('192.0.2.7')]);
    file.now += 2 * HOUR;
    expect(networksOf(ledger.expired())).toEqual([client]);
    ledger.recordStrictly([banned('192.0.2.7', file.now, { offence: 2 })]);
    expect(pastOf(ledger, client, 'spamtrap')).toEqual({ bannedUntil: file.now + HOUR, lastOffence: file.now, offences: 2 });
  });

  it('has a result for each request, in order', () => {
    const ledger = file.open();
    ledger.recordStrictly([banned('192.0.2.7'), banned('192.0.2.9', NOON, { offence: 3 })]);
    const asked = ['192.0.2.9', '192.0.2.8', '192.0.2.7', '192.0.2.9'].map((each) => ({
      network: network(each),
      jail: 'spamtrap',
    }));
    expect(ledger.past(asked).map(({ offences }) => offences)).toEqual([3, 0, 1, 3]);
    expect(ledger.past([])).toEqual([]);
  });

  it('can be called without its object', () => {
    const ledger = file.open();
    ledger.recordStrictly([banned('192.0.2.7')]);
    const { past } = ledger;
    expect(past([{ network: client, jail: 'spamtrap' }])[0]?.offences).toBe(1);
  });

  it('B06: makes ban times grow across restarts up to the maximum, and begin anew after the time `forget`', () => {
    const policies = [policy({ increment: { factor: 16, max: DAY, forget: 30 * DAY } })];
    const judge = new Judge(policies, AllowList.load(policies, { addresses: () => [] }));
    const lengths: number[] = [];
    for (const day of [0, 2, 4, 6, 8, 50]) {
      file.now = NOON + day * DAY;
      const ledger = file.reopen();
      ledger.expired();
      const [set] = ledger.recordStrictly(judge.decide([hit('192.0.2.7', file.now)], ledger.past)).bans;
      lengths.push((set?.until ?? 0) - file.now);
    }
    expect(lengths).toEqual([HOUR, 16 * HOUR, DAY, DAY, DAY, HOUR]);
  });
});

describe('Ledger.purge', () => {
  it('T13: deletes no hit as old while a step forward of the clock may be undone', () => {
    let passed = 0;
    const ledger = file.open({ steady: () => passed });
    ledger.recordStrictly([banned('192.0.2.7')]);
    file.now += 1000 * DAY;
    ledger.purge();
    expect(ledger.counts().hits).toBe(1);
    passed += HOUR + 1;
    file.now += HOUR + 1;
    ledger.purge();
    expect(ledger.counts().hits).toBe(0);
  });
});

describe('Ledger.unban', () => {
  it('keeps the offences of a network, or forgets them in all jails on request', () => {
    const ledger = file.open();
    const past = (text: string, jail = 'spamtrap'): number | undefined => pastOf(ledger, network(text), jail)?.offences;
    ledger.recordStrictly([banned('192.0.2.7'), banned('192.0.2.7', NOON, { jail: 'other' }), banned('192.0.2.8')]);
    ledger.unban([network('192.0.2.7')]);
    expect([past('192.0.2.7'), past('192.0.2.7', 'other')]).toEqual([1, 1]);
    expect(ledger.unban([network('192.0.2.7')], Infinity, true)).toEqual([]);
    expect([past('192.0.2.7'), past('192.0.2.7', 'other'), past('192.0.2.8')]).toEqual([0, 0, 1]);
    expect(networksOf(ledger.unban([network('192.0.2.0/24')], Infinity, true))).toEqual(['192.0.2.8/32']);
    expect(past('192.0.2.8')).toBe(0);
  });
});

describe('Ledger.recordBans', () => {
  it('returns the bans in force of the same network and jail that it has replaced', () => {
    const ledger = file.open();
    ledger.recordStrictly([banned('192.0.2.7')]);
    expect(ledger.recordBans([byHand('192.0.2.7'), byHand('192.0.2.8')]).replaced).toEqual([]);
    const first = byHand('192.0.2.7');
    expect(ledger.recordBans([byHand('192.0.2.7', { until: NOON + MINUTE })]).replaced).toEqual([first]);
    file.now = NOON + MINUTE;
    expect(ledger.recordBans([byHand('192.0.2.7')]).replaced).toEqual([]);
  });
});
