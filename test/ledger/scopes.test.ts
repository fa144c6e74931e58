import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Scope } from '../../src/words/firewall.ts';
import type { Ban, Verdict } from '../../src/words/walk.ts';
import { openDatabase } from '../../src/lib/store/driver.ts';
import type { Ledger } from '../../src/ledger/record.ts';
import { ban, HOUR, MINUTE, network, NOON } from '../support/decision/words.ts';
import { banned, LedgerFile } from '../support/ledger/file.ts';

const CLIENT = network('192.0.2.7/32');

/** The action `firewall` gets all bans. The action `list` gets all bans except the bans of the jail `redirect`. */
const SCOPES: readonly Scope[] = [
  { action: 'firewall', without: new Set() },
  { action: 'list', without: new Set(['redirect']) },
];

let file: LedgerFile;
let ledger: Ledger;

beforeEach(() => {
  file = new LedgerFile();
  ledger = file.open({ scopes: () => SCOPES, busyTimeout: 1 });
});
afterEach(() => file.remove());

const trapped = (until: number | null): Verdict => banned('192.0.2.7', NOON, { until });
const redirected = (until: number | null): Verdict => banned('192.0.2.7', NOON, { jail: 'redirect', until });
const redirectedBan = (client = '192.0.2.7'): Ban => ban(client, NOON, { jail: 'redirect' });

/** The change that makes an action ban the client until `until`. */
const holds = (action: string, until: number | null): object => ({ action, hold: [{ network: CLIENT, until }], free: [] });

describe('the changes of a batch, which actions make in their firewalls', () => {
  it('go only to the actions that serve the jail', () => {
    expect(ledger.recordStrictly([redirected(NOON + HOUR)]).changes).toEqual([holds('firewall', NOON + HOUR)]);
    expect(ledger.recordStrictly([trapped(NOON + HOUR)]).changes).toEqual([
      holds('firewall', NOON + HOUR),
      holds('list', NOON + HOUR),
    ]);
  });

  it('contain for each action the latest end of the jails that it serves', () => {
    ledger.recordStrictly([redirected(NOON + 3 * HOUR)]);
    expect(ledger.recordStrictly([trapped(NOON + HOUR)]).changes).toEqual([
      holds('firewall', NOON + 3 * HOUR),
      holds('list', NOON + HOUR),
    ]);
  });

  it('treat a ban for ever as the latest end', () => {
    ledger.recordStrictly([redirected(null)]);
    expect(ledger.recordStrictly([trapped(NOON + HOUR)]).changes).toEqual([holds('firewall', null), holds('list', NOON + HOUR)]);
  });

  it('name a network once when two jails ban it in one batch', () => {
    expect(ledger.record([trapped(NOON + HOUR), redirected(NOON + 2 * HOUR)]).changes).toEqual([
      holds('firewall', NOON + 2 * HOUR),
      holds('list', NOON + HOUR),
    ]);
  });

  it('are empty for a repeated ban, and when no action is configured', () => {
    ledger.record([trapped(NOON + HOUR)]);
    expect(ledger.record([trapped(NOON + HOUR)])).toEqual({ bans: [], changes: [] });
    expect(file.reopen().record([banned('192.0.2.8')]).changes).toEqual([]);
  });

  it('contain the new end of a ban by hand, even when the old end was later', () => {
    ledger.recordBans([ban('192.0.2.7', NOON, { jail: 'manual', until: NOON + 3 * HOUR })]);
    expect(ledger.recordBans([ban('192.0.2.7', NOON, { jail: 'manual', until: NOON + HOUR })]).changes).toEqual([
      holds('firewall', NOON + HOUR),
      holds('list', NOON + HOUR),
    ]);
  });

  it('go to the actions of the new configuration after a reload', () => {
    let scopes = SCOPES;
    ledger = file.reopen({ scopes: () => scopes });
    expect(ledger.record([redirected(NOON + HOUR)]).changes.map(({ action }) => action)).toEqual(['firewall']);
    scopes = [{ action: 'list', without: new Set() }];
    expect(ledger.record([redirected(NOON + 2 * HOUR)]).changes).toEqual([holds('list', NOON + 2 * HOUR)]);
  });

  it('contain the later end when one jail has a ban in the file and another jail has a ban in memory', () => {
    ledger.record([trapped(NOON + HOUR), banned('192.0.2.8', NOON, { until: NOON + 3 * HOUR })]);
    const other = openDatabase(file.path);
    other.exec('BEGIN IMMEDIATE');
    const later = ledger.record([redirected(NOON + 2 * HOUR)]);
    expect(later).toMatchObject({ bans: [{ jail: 'redirect' }], changes: [holds('firewall', NOON + 2 * HOUR)] });
    const earlier = ledger.record([banned('192.0.2.8', NOON, { jail: 'redirect', until: NOON + MINUTE })]);
    expect(earlier.changes).toEqual([
      { action: 'firewall', hold: [{ network: '192.0.2.8/32', until: NOON + 3 * HOUR }], free: [] },
    ]);
    other.exec('ROLLBACK');
    other.close();
  });
});

describe('the changes after the end of bans', () => {
  it('free a network only in the action whose jail no longer bans it', () => {
    ledger = file.reopen({
      scopes: () => [
        { action: 'firewall', without: new Set(['spamtrap']) },
        { action: 'list', without: new Set(['redirect']) },
      ],
    });
    ledger.record([trapped(NOON + HOUR), redirected(NOON + 2 * HOUR)]);
    file.now += HOUR;
    expect(ledger.changesAfter(ledger.expired())).toEqual([{ action: 'list', hold: [], free: [CLIENT] }]);
    file.now += HOUR;
    expect(ledger.changesAfter(ledger.expired())).toEqual([{ action: 'firewall', hold: [], free: [CLIENT] }]);
  });

  it('contain the end of the jail that still bans the network', () => {
    ledger.record([trapped(NOON + HOUR), redirected(NOON + 2 * HOUR)]);
    expect(ledger.changesAfter(ledger.end([redirectedBan()]))).toEqual([holds('firewall', NOON + HOUR)]);
    expect(ledger.changesAfter(ledger.unban('all'))).toEqual([
      { action: 'firewall', hold: [], free: [CLIENT] },
      { action: 'list', hold: [], free: [CLIENT] },
    ]);
  });

  it('name each network either as banned or as free', () => {
    const clients = Array.from({ length: 6 }, (_, n) => `192.0.2.${n}`);
    ledger.record(clients.map((client) => banned(client)));
    ledger.record(clients.slice(0, 3).map((client) => banned(client, NOON, { jail: 'redirect' })));
    const [change] = ledger.changesAfter(ledger.end(clients.map((client) => ban(client))));
    expect(change?.hold.map((entry) => entry.network)).toEqual(['192.0.2.0/32', '192.0.2.1/32', '192.0.2.2/32']);
    expect(change?.free).toEqual(['192.0.2.3/32', '192.0.2.4/32', '192.0.2.5/32']);
  });

  it('are empty when no ban ended', () => {
    expect(ledger.changesAfter([])).toEqual([]);
  });
});

/** Records 5,000 bans, half of them in each jail. */
function fill(): void {
  const clients = Array.from({ length: 5000 }, (_, n) => `10.0.${n >> 8}.${n & 255}`);
  ledger.recordStrictly(clients.map((client, n) => banned(client, NOON, n % 2 === 0 ? {} : { jail: 'redirect' })));
}

/** The networks in the next sample of an action. */
function sampleOf(action: string): readonly string[] {
  const found = ledger.wanted(action)(10);
  return 'sample' in found ? found.sample.map((entry) => entry.network) : [];
}

describe('Ledger.wanted', () => {
  it('returns every ban of the jails that the action serves', () => {
    ledger.record([trapped(NOON + HOUR), redirected(NOON + 2 * HOUR), banned('192.0.2.8', NOON, { jail: 'redirect' })]);
    expect(ledger.wanted('list')(Infinity)).toEqual([{ network: CLIENT, until: NOON + HOUR }]);
    expect(ledger.wanted('firewall')(3)).toHaveLength(2);
  });

  it('returns every ban for an action without a scope', () => {
    ledger.record([redirected(NOON + HOUR)]);
    expect(ledger.wanted('print')(Infinity)).toHaveLength(1);
    expect(ledger.wanted('print')(0)).toEqual({ count: 1, sample: [{ network: CLIENT, until: NOON + HOUR }] });
  });

  it('returns a sample when there are more bans than the limit, and otherwise all bans', () => {
    fill();
    expect(ledger.wanted('list')(2499)).toMatchObject({ count: 2500 });
    expect(ledger.wanted('list')(2500)).toHaveLength(2500);
  });

  it('samples every ban in turn, separately for each action', () => {
    fill();
    const firewall = [...sampleOf('firewall'), ...sampleOf('firewall'), ...sampleOf('firewall')];
    expect(new Set(firewall).size).toBe(5000);
    expect(sampleOf('firewall')).toEqual(firewall.slice(0, 2000));
    const list = [...sampleOf('list'), ...sampleOf('list'), ...sampleOf('list')];
    expect(new Set(list).size).toBe(2500);
  });
});
