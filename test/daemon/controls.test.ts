import { describe, expect, it } from 'vitest';
import { banByHand, judgeHits, lift, listBans, pagesOfBans, unbanByHand } from '../../src/daemon/controls.ts';
import { UsageError } from '../../src/errors.ts';
import type { Address, Network } from '../../src/lib/address.ts';
import type { Hit } from '../../src/types.ts';
import { deskFor } from '../support/desk.ts';

const NOW = Date.parse('2026-11-25T08:00:00Z');
const HOUR = 3_600_000;

const hit = (address: string, ago: number, key = `${address} ${ago}`): Hit => ({
  jail: 'spamtrap',
  rule: 'recipient',
  address: address as Address,
  at: NOW - ago,
  key,
  fields: {},
});

async function* batches(...lists: (readonly Hit[])[]): AsyncGenerator<readonly Hit[]> {
  yield* lists;
}

const refusal = async (work: Promise<unknown>): Promise<string> => {
  const thrown: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (thrown instanceof UsageError) return thrown.message;
  throw new Error(`no UsageError: ${String(thrown)}`);
};

describe('a ban by hand', () => {
  it('is recorded and in the firewall when it is answered', async () => {
    const { desk, ledger, firewall } = deskFor({ now: NOW });
    const rows = await banByHand(desk, {
      networks: ['203.0.113.7', '2001:db8::/64'],
      duration: 2 * HOUR,
      reason: 'seen at the neighbours',
    });
    expect(rows).toEqual([
      expect.objectContaining({
        network: '203.0.113.7',
        jail: 'manual',
        until: '2026-11-25T10:00:00.000Z',
        reason: 'seen at the neighbours',
      }),
      expect.objectContaining({ network: '2001:db8::/64', origin: 'hand' }),
    ]);
    expect([...firewall]).toEqual([
      ['203.0.113.7/32', NOW + 2 * HOUR],
      ['2001:db8::/64', NOW + 2 * HOUR],
    ]);
    expect(ledger.counts().bans).toBe(2);
  });

  it('lasts for the bantime of the defaults when nobody says, and for ever when asked', async () => {
    const { desk } = deskFor({ now: NOW });
    expect(await banByHand(desk, { networks: ['203.0.113.7'] })).toEqual([
      expect.objectContaining({ until: '2026-11-25T09:00:00.000Z' }),
    ]);
    expect(await banByHand(desk, { networks: ['203.0.113.8'], duration: null })).toEqual([
      expect.objectContaining({ until: null }),
    ]);
  });

  it.each([
    ['N03: a network cut in two words', ['14.160.0.0', '/11'], '"/11": not an address or network'],
    ['host bits', ['192.0.2.7/24'], '"192.0.2.7/24": host bits set, did you mean "192.0.2.0/24"?'],
    ['S07: a command', ['1.2.3.4; rm'], '"1.2.3.4; rm": not an address or network'],
    ['S07: an option', ['-s'], '"-s": not an address or network'],
    ['control characters', ['1.2.3.4\u001b[2J'], '"1.2.3.4\\u{1b}[2J": not an address or network'],
    ['an allowed address', ['198.51.100.7'], '198.51.100.7: 198.51.100.7 (ignoreip) is allow-listed'],
    ['a network that holds an allowed address', ['198.51.100.0/24'], '198.51.100.0/24: 198.51.100.7 (ignoreip) is allow-listed'],
    ['loopback', ['127.0.0.1'], '127.0.0.1: 127.0.0.0/8 (loopback) is never banned'],
    ['an own address', ['192.0.2.25'], "192.0.2.25: 192.0.2.25 (the machine's own address) is never banned"],
    ['everything', ['0.0.0.0/0'], '0.0.0.0/0: 0.0.0.0/8 (unspecified) is never banned'],
    ['nothing', [], 'no network was named'],
  ])('of %s is refused as a whole, nothing stored', async (_what, networks, message) => {
    const { desk, ledger, firewall } = deskFor({ now: NOW, ignoreip: ['198.51.100.7'], addresses: ['192.0.2.25'] });
    const text = await refusal(banByHand(desk, { networks: ['203.0.113.9', ...networks].slice(networks.length > 0 ? 0 : 1) }));
    expect(text).toContain(message);
    expect(text).toMatch(/; nothing was banned$/);
    expect(ledger.counts().bans).toBe(0);
    expect(firewall.size).toBe(0);
  });

  it('of an allow-listed address works with force, of an own address it never does', async () => {
    const { desk } = deskFor({ now: NOW, ignoreip: ['198.51.100.7'], addresses: ['192.0.2.25'] });
    expect(await banByHand(desk, { networks: ['198.51.100.7'], force: true })).toHaveLength(1);
    expect(desk.allow().lifted(desk.ledger.bans())).toEqual([]);
    expect(await refusal(banByHand(desk, { networks: ['192.0.2.25'], force: true }))).toContain('never banned');
    expect(await refusal(banByHand(desk, { networks: ['0.0.0.0/0'], force: true }))).toContain('never banned');
  });
});

describe('an unban', () => {
  it('lifts every ban inside a network, in every jail', async () => {
    const { desk, firewall, ended } = deskFor({ now: NOW });
    await banByHand(desk, { networks: ['203.0.113.7', '203.0.113.8', '198.51.100.9'] });
    await judgeHits(desk, batches([hit('203.0.113.7', 60_000)]), { fromNow: false });
    const rows = await unbanByHand(desk, { networks: ['203.0.113.0/24'] });
    expect(rows.map(({ network, jail }) => `${network} ${jail}`).toSorted()).toEqual([
      '203.0.113.7 manual',
      '203.0.113.7 spamtrap',
      '203.0.113.8 manual',
    ]);
    expect([...firewall.keys()]).toEqual(['198.51.100.9/32']);
    expect(ended).toHaveLength(3);
  });

  it('of all leaves none', async () => {
    const { desk, ledger, firewall } = deskFor({ now: NOW });
    await banByHand(desk, { networks: ['203.0.113.7', '2001:db8::/64'], duration: null });
    expect(await unbanByHand(desk, { networks: [], all: true })).toHaveLength(2);
    expect(ledger.counts().bans).toBe(0);
    expect(firewall.size).toBe(0);
  });

  it('of a client that is banned with its /64 names the network to unban', async () => {
    const { desk, ledger } = deskFor({ now: NOW });
    await judgeHits(desk, batches([hit('2001:db8:1:2::44', 60_000)]), { fromNow: false });
    expect(await refusal(unbanByHand(desk, { networks: ['2001:db8:1:2::44'] }))).toBe(
      '2001:db8:1:2::44 is banned as a part of 2001:db8:1:2::/64, unban that; nothing was lifted',
    );
    expect(ledger.counts().bans).toBe(1);
  });

  it('of text that is no network is refused, nothing lifted', async () => {
    const { desk } = deskFor({ now: NOW });
    expect(await refusal(unbanByHand(desk, { networks: ['everybody'] }))).toMatch(/; nothing was lifted$/);
    expect(await refusal(unbanByHand(desk, { networks: [] }))).toMatch(/; nothing was lifted$/);
  });
});

describe('the end of a ban', () => {
  it('leaves what another jail still bans, with the end that is left', async () => {
    const { desk, ledger, firewall, clock } = deskFor({ now: NOW });
    await banByHand(desk, { networks: ['203.0.113.7'], duration: HOUR });
    await judgeHits(desk, batches([hit('203.0.113.7', 30 * 60_000)]), { fromNow: false });
    expect(firewall.get('203.0.113.7/32' as Network)).toBe(NOW + HOUR);
    clock.now = NOW + 45 * 60_000;
    await lift(desk, ledger.expired(), 'its time is over');
    expect(firewall.get('203.0.113.7/32' as Network)).toBe(NOW + HOUR);
    clock.now = NOW + HOUR;
    await lift(desk, ledger.expired(), 'its time is over');
    expect(firewall.size).toBe(0);
  });
});

describe('a listing', () => {
  it('N04: has the bans inside a network', async () => {
    const { desk, ledger } = deskFor({ now: NOW });
    await banByHand(desk, { networks: ['192.0.2.1', '192.0.3.1', '2001:db8::1'] });
    expect(listBans(ledger, '192.0.2.0/24').map(({ network }) => network)).toEqual(['192.0.2.1']);
    expect(listBans(ledger)).toHaveLength(3);
    expect(() => listBans(ledger, '192.0.2.1/24')).toThrow('host bits set');
  });
});

describe('a backfill', () => {
  it('sets only bans that would still be in force, for the time that remains', async () => {
    const { desk, firewall } = deskFor({ now: NOW });
    const summary = await judgeHits(desk, batches([hit('203.0.113.1', 5 * HOUR)], [hit('203.0.113.2', 10 * 60_000)]), {
      fromNow: false,
    });
    expect(summary).toMatchObject({ hits: 2, known: 0, bans: 2 });
    expect(summary.set.map(({ network, until }) => [network, until])).toEqual([['203.0.113.2', '2026-11-25T08:50:00.000Z']]);
    expect([...firewall]).toEqual([['203.0.113.2/32', NOW + 50 * 60_000]]);
  });

  it('counts from now when asked', async () => {
    const { desk, firewall } = deskFor({ now: NOW });
    await judgeHits(desk, batches([hit('203.0.113.1', 5 * HOUR)]), { fromNow: true });
    expect([...firewall]).toEqual([['203.0.113.1/32', NOW + HOUR]]);
  });

  it('K08: changes nothing when it runs again', async () => {
    const { desk, ledger } = deskFor({ now: NOW });
    const hits = [hit('203.0.113.1', 5 * HOUR), hit('203.0.113.2', 10 * 60_000), hit('203.0.113.2', 9 * 60_000)];
    await judgeHits(desk, batches(hits), { fromNow: false });
    const before = [ledger.counts(), ledger.bans()];
    expect(await judgeHits(desk, batches(hits), { fromNow: false })).toMatchObject({ hits: 3, known: 3, bans: 0, set: [] });
    expect([ledger.counts(), ledger.bans()]).toEqual(before);
  });

  it('T11: counts in log time', async () => {
    const { desk } = deskFor({ now: NOW, policy: { maxretry: 3, findtime: HOUR } });
    const spread = [hit('203.0.113.1', 72 * HOUR), hit('203.0.113.1', 48 * HOUR), hit('203.0.113.1', 24 * HOUR)];
    expect(await judgeHits(desk, batches(spread), { fromNow: false })).toMatchObject({ watched: 3, bans: 0 });
    const close = [hit('203.0.113.2', 30 * 60_000), hit('203.0.113.2', 20 * 60_000), hit('203.0.113.2', 10 * 60_000)];
    expect(await judgeHits(desk, batches(close), { fromNow: false })).toMatchObject({ watched: 2, bans: 1 });
  });
});

describe('very many bans', () => {
  it('B10: are lifted in parts, all of them, in every network that was named', async () => {
    const { desk, ledger, firewall } = deskFor({ now: NOW });
    const hosts = Array.from({ length: 12_000 }, (_, n) => `10.${n >> 13}.${(n >> 8) & 31}.${n & 255}`);
    await banByHand(desk, { networks: [...hosts, '192.0.2.1'] });
    expect(await unbanByHand(desk, { networks: ['10.0.0.0/16', '10.1.0.0/16', '10.2.0.0/16'] })).toHaveLength(12_000);
    expect(ledger.bans().map(({ network }) => network)).toEqual(['192.0.2.1/32']);
    expect([...firewall.keys()]).toEqual(['192.0.2.1/32']);
  });

  it('B10: are listed in pages', async () => {
    const { desk, ledger } = deskFor({ now: NOW });
    await banByHand(desk, { networks: ['192.0.2.1'] });
    expect(pagesOfBans(ledger)).toBeUndefined();
    const hosts = Array.from({ length: 5000 }, (_, n) => `10.0.${n >> 8}.${n & 255}`);
    await banByHand(desk, { networks: hosts });
    const pages = [...(pagesOfBans(ledger) ?? [])];
    expect(pages.length).toBeGreaterThan(1);
    expect(
      pages
        .flat()
        .map(({ network }) => network)
        .toSorted(),
    ).toEqual(['192.0.2.1', ...hosts].toSorted());
  });
});
