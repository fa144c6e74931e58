import { describe, expect, it, vi } from 'vitest';
import { banByHand, judgeHits, pagesOfBans, unbanByHand } from '../../src/daemon/desk.ts';
import type { Ledger } from '../../src/ledger/record.ts';
import type { BanRow } from '../../src/words/desk.ts';
import { UsageError } from '../../src/errors.ts';
import { parseNetwork, type Address, type Network } from '../../src/lib/address.ts';
import { Translators } from '../../src/lib/networks/translators.ts';
import type { Hit } from '../../src/words/walk.ts';
import { deskFor } from '../support/daemon/desk.ts';

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
  it('is answered when it is recorded and in the firewall', async () => {
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

  it('A2: reports that the firewall does not hold it, with the reason, and a listing reports it too', async () => {
    const { desk, ledger } = deskFor({
      now: NOW,
      owes: ({ network }) => (network === '203.0.113.7/32' ? 'nftables: nft: no' : undefined),
    });
    const rows = await banByHand(desk, { networks: ['203.0.113.7', '203.0.113.8'] });
    expect(rows.map(({ owed }) => owed)).toEqual(['nftables: nft: no', undefined]);
    const { translators } = desk.allow();
    const listing = [...pagesOfBans(ledger, translators, undefined, desk.owes)].flat();
    expect(listing.map(({ network, owed }) => [network, owed])).toEqual([
      ['203.0.113.7', 'nftables: nft: no'],
      ['203.0.113.8', undefined],
    ]);
  });

  it('reports that the firewall has not answered in time, and a listing does not count a change under way as failed', async () => {
    const { desk, ledger } = deskFor({ now: NOW, owes: () => null });
    const [row] = await banByHand(desk, { networks: ['203.0.113.7'] });
    expect(row?.owed).toBe('no answer within 5 s');
    expect([...pagesOfBans(ledger, desk.allow().translators, undefined, desk.owes)].flat()[0]?.owed).toBeUndefined();
  });

  it('A5: reports the replaced ban when it shortens an earlier ban by hand or drops its reason', async () => {
    const { desk } = deskFor({ now: NOW });
    const ban = async (duration: number | null, reason?: string): Promise<unknown> =>
      (await banByHand(desk, { networks: ['203.0.113.7'], duration, ...(reason === undefined ? {} : { reason }) }))[0]?.replaced;
    expect(await ban(2 * HOUR, 'guessed passwords')).toBeUndefined();
    expect(await ban(HOUR)).toEqual({ until: '2026-11-25T10:00:00.000Z', reason: 'guessed passwords' });
    expect(await ban(3 * HOUR, 'worse')).toBeUndefined();
    expect(await ban(null, 'worst')).toEqual({ until: '2026-11-25T11:00:00.000Z', reason: 'worse' });
    expect(await ban(null, 'worst')).toBeUndefined();
    expect(await ban(4 * HOUR, 'worst')).toEqual({ until: null, reason: 'worst' });
  });

  it('A5: does not count a ban that is over, or a ban of another jail, as replaced', async () => {
    const { desk, clock } = deskFor({ now: NOW });
    await judgeHits(desk, batches([hit('203.0.113.7', 0)]), { fromNow: false });
    expect((await banByHand(desk, { networks: ['203.0.113.7'], duration: 60_000, reason: 'x' }))[0]?.replaced).toBeUndefined();
    clock.now += 60_000;
    expect((await banByHand(desk, { networks: ['203.0.113.7'], duration: 1 }))[0]?.replaced).toBeUndefined();
  });

  it('A4: is reported to the listeners with the user who requested it', async () => {
    const { desk, byHand } = deskFor({ now: NOW });
    await banByHand(desk, { networks: ['203.0.113.7'], reason: 'guessed passwords', by: 'anna (uid 1000)' });
    expect(byHand).toMatchObject([{ by: 'anna (uid 1000)', bans: [{ network: '203.0.113.7/32', reason: 'guessed passwords' }] }]);
  });

  it('keeps a reason of 500 characters, and is refused with a reason of 501 characters', async () => {
    const { desk, ledger } = deskFor({ now: NOW });
    const networks = ['203.0.113.7'];
    await banByHand(desk, { networks, reason: 'x'.repeat(500) });
    expect(ledger.standing.list().map(({ reason }) => reason)).toEqual(['x'.repeat(500)]);
    const words = await refusal(banByHand(desk, { networks, reason: 'y'.repeat(501) }));
    expect(words).toBe('the reason has 501 characters, at most 500 are allowed; nothing was banned');
    expect(ledger.standing.list().map(({ reason }) => reason)).toEqual(['x'.repeat(500)]);
  });

  it('keeps a reason with a NUL to its end', async () => {
    const { desk, ledger } = deskFor({ now: NOW });
    await banByHand(desk, { networks: ['203.0.113.7'], reason: 'a\0b' });
    expect(ledger.standing.list().map(({ reason }) => reason)).toEqual(['a\uFFFDb']);
  });

  it('is listed in pages of 50 bans at most, with and without a network', async () => {
    const { desk, ledger } = deskFor({ now: NOW });
    await banByHand(desk, { networks: Array.from({ length: 200 }, (_, n) => `203.0.113.${n}`) });
    for (const within of [undefined, '203.0.113.0/24']) {
      const pages = [...pagesOfBans(ledger, desk.allow().translators, within)];
      expect(Math.max(...pages.map(({ length }) => length))).toBe(50);
      expect(new Set(pages.flat().map(({ network }) => network)).size).toBe(200);
    }
  });

  it('is not answered before the firewall has it', async () => {
    const finish: (() => void)[] = [];
    const slow = new Promise<void>((resolve) => finish.push(resolve));
    const { desk, firewall } = deskFor({ now: NOW, slow });
    const answered: unknown[] = [];
    const answer = banByHand(desk, { networks: ['203.0.113.7'] }).then((rows) => answered.push(rows));
    await new Promise(setImmediate);
    expect([answered.length, firewall.size]).toEqual([0, 0]);
    for (const done of finish) done();
    await answer;
    expect(firewall.size).toBe(1);
  });

  it('lasts for the bantime of the defaults if no time is given, and for ever on request', async () => {
    const { desk } = deskFor({ now: NOW });
    expect(await banByHand(desk, { networks: ['203.0.113.7'] })).toEqual([
      expect.objectContaining({ until: '2026-11-25T09:00:00.000Z' }),
    ]);
    expect(await banByHand(desk, { networks: ['203.0.113.8'], duration: null })).toEqual([
      expect.objectContaining({ until: null }),
    ]);
  });

  it.each([
    ['N03: a network that is split into two words', ['14.160.0.0', '/11'], '"/11": not an address or network'],
    ['a network with host bits', ['192.0.2.7/24'], '"192.0.2.7/24": host bits set, did you mean "192.0.2.0/24"?'],
    ['S07: a command', ['1.2.3.4; rm'], '"1.2.3.4; rm": not an address or network'],
    ['S07: an option', ['-s'], '"-s": not an address or network'],
    ['control characters', ['1.2.3.4\u001b[2J'], '"1.2.3.4\\u{1b}[2J": not an address or network'],
    ['an allowed address', ['198.51.100.7'], '198.51.100.7: 198.51.100.7 (ignoreip) is allow-listed'],
    ['a network that holds an allowed address', ['198.51.100.0/24'], '198.51.100.0/24: 198.51.100.7 (ignoreip) is allow-listed'],
    ['loopback', ['127.0.0.1'], '127.0.0.1: 127.0.0.0/8 (loopback) is never banned'],
    ['an own address', ['192.0.2.25'], "192.0.2.25: 192.0.2.25 (the machine's own address) is never banned"],
    ['everything', ['0.0.0.0/0'], '0.0.0.0/0: 0.0.0.0/8 (unspecified) is never banned'],
    ['nothing', [], 'no network was named'],
  ])('of %s is refused as a whole, and nothing is recorded', async (_what, networks, message) => {
    const { desk, ledger, firewall } = deskFor({ now: NOW, ignoreip: ['198.51.100.7'], addresses: ['192.0.2.25'] });
    const text = await refusal(banByHand(desk, { networks: ['203.0.113.9', ...networks].slice(networks.length > 0 ? 0 : 1) }));
    expect(text).toContain(message);
    expect(text).toMatch(/; nothing was banned$/);
    expect(ledger.counts().bans).toBe(0);
    expect(firewall.size).toBe(0);
  });

  it('of an allow-listed address succeeds with force, but a ban of an own address always fails', async () => {
    const { desk } = deskFor({ now: NOW, ignoreip: ['198.51.100.7'], addresses: ['192.0.2.25'] });
    expect(await banByHand(desk, { networks: ['198.51.100.7'], force: true })).toHaveLength(1);
    expect(desk.allow().lifted(desk.ledger.standing.list(undefined))).toEqual([]);
    expect(await refusal(banByHand(desk, { networks: ['192.0.2.25'], force: true }))).toContain('never banned');
    expect(await refusal(banByHand(desk, { networks: ['0.0.0.0/0'], force: true }))).toContain('never banned');
  });
});

describe('a client behind a translator', () => {
  const own = (parseNetwork('2001:db8:64::/96') as { network: Network }).network;

  it('is listed with its IPv4 address, and is found by this address', async () => {
    const { desk, ledger } = deskFor({ now: NOW });
    await banByHand(desk, { networks: ['64:ff9b::c000:207', '64:ff9b::c000:208', '203.0.113.7'] });
    const found = [...pagesOfBans(ledger, desk.allow().translators, '192.0.2.7')].flat();
    expect(found).toMatchObject([{ network: '64:ff9b::c000:207', client: '192.0.2.7' }]);
    const all = [...pagesOfBans(ledger, desk.allow().translators)].flat();
    expect(all.map(({ client }) => client)).toEqual(expect.arrayContaining(['192.0.2.7', '192.0.2.8', undefined]));
  });

  it('is unbanned by its IPv4 address', async () => {
    const { desk, firewall } = deskFor({ now: NOW });
    await banByHand(desk, { networks: ['64:ff9b::c000:207', '64:ff9b::c000:208', '192.0.2.7'] });
    const lifted = await unbanByHand(desk, { networks: ['192.0.2.7'] });
    expect(lifted.map(({ network }) => network).toSorted()).toEqual(['192.0.2.7', '64:ff9b::c000:207']);
    expect([...firewall.keys()]).toEqual(['64:ff9b::c000:208/128']);
  });

  it('is banned by hand with its IPv4 address and with its address behind each configured translator', async () => {
    const { desk, firewall } = deskFor({ now: NOW, nat64: [own] });
    await banByHand(desk, { networks: ['192.0.2.7'] });
    expect([...firewall.keys()].toSorted()).toEqual(['192.0.2.7/32', '2001:db8:64::c000:207/128']);
  });

  it.each(['64:ff9b::/96', '64:ff9b::/64', '64:ff9b:1:fffe::/96', '2001:db8::/32'])(
    'cannot be banned with %s, even with force, because this would ban all IPv4 clients',
    async (text) => {
      const { desk } = deskFor({ now: NOW, nat64: [own] });
      const message = await refusal(banByHand(desk, { networks: [text], force: true }));
      expect(message).toMatch(/ \(a translator, all IPv4 clients are behind it\) is never banned; nothing was banned$/);
    },
  );
});

describe('an unban', () => {
  it('lifts every ban inside a network, in all jails', async () => {
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

  it('of all networks lifts every ban', async () => {
    const { desk, ledger, firewall } = deskFor({ now: NOW });
    await banByHand(desk, { networks: ['203.0.113.7', '2001:db8::/64'], duration: null });
    expect(await unbanByHand(desk, { networks: [], all: true })).toHaveLength(2);
    expect(ledger.counts().bans).toBe(0);
    expect(firewall.size).toBe(0);
  });

  it('of all networks lifts every ban although some rows of the ledger are bad', async () => {
    const { desk, ledger } = deskFor({ now: NOW });
    await banByHand(desk, { networks: ['203.0.113.7', '203.0.113.8'], duration: null });
    const unban = ledger.unban.bind(ledger);
    // A slice in which all rows but one are bad has one ban.
    vi.spyOn(ledger, 'unban').mockImplementation((ranges) => unban(ranges, 1));
    vi.spyOn(ledger, 'counts').mockReturnValue({ bans: 10_001, hits: 0, jails: {} });
    expect(await unbanByHand(desk, { networks: [], all: true })).toHaveLength(2);
  });

  it('is refused for a client whose /64 is banned, with the name of the network to unban', async () => {
    const { desk, ledger } = deskFor({ now: NOW });
    await judgeHits(desk, batches([hit('2001:db8:1:2::44', 60_000)]), { fromNow: false });
    expect(await refusal(unbanByHand(desk, { networks: ['2001:db8:1:2::44'] }))).toBe(
      '2001:db8:1:2::44 is banned as a part of 2001:db8:1:2::/64, unban that network; nothing was lifted',
    );
    expect(ledger.counts().bans).toBe(1);
  });

  it('C8: forgets past offences on request only, of each lifted network and of a named network that is not banned', async () => {
    const { desk, ledger, clock } = deskFor({ now: NOW });
    const offenceOf = async (address: string): Promise<number | undefined> => {
      clock.now += HOUR;
      const at = clock.now - 60_000;
      await judgeHits(desk, batches([{ ...hit(address, 0, `${address} ${at}`), at }]), { fromNow: false });
      return ledger.standing.list().find(({ network }) => network === `${address}/32`)?.offence;
    };
    for (const address of ['203.0.113.7', '203.0.113.8']) expect(await offenceOf(address)).toBe(1);
    await unbanByHand(desk, { networks: ['203.0.113.7'] });
    expect(await offenceOf('203.0.113.7')).toBe(2);
    await unbanByHand(desk, { networks: ['203.0.113.0/24'], forgive: true });
    expect([await offenceOf('203.0.113.7'), await offenceOf('203.0.113.8')]).toEqual([1, 1]);
    await unbanByHand(desk, { networks: ['203.0.113.7'] });
    await unbanByHand(desk, { networks: ['203.0.113.7'], forgive: true });
    expect(await offenceOf('203.0.113.7')).toBe(1);
  });

  it('A4: is logged with the user whom the client names', async () => {
    const { desk, reasons } = deskFor({ now: NOW });
    await banByHand(desk, { networks: ['203.0.113.7', '203.0.113.8'] });
    await unbanByHand(desk, { networks: ['203.0.113.7'], by: 'anna (uid 1000)\u001b' });
    await unbanByHand(desk, { networks: ['203.0.113.8'], by: 'anna (uid 1000)', forgive: true });
    expect(reasons).toEqual([
      'by hand, asked by "anna (uid 1000)\\u{1b}"',
      'by hand, asked by "anna (uid 1000)", past offences forgotten',
    ]);
  });

  it('A2: reports each lifted ban that the firewall has not removed yet', async () => {
    const { desk } = deskFor({ now: NOW, owes: ({ network }) => (network === '203.0.113.7/32' ? 'nftables: nft: no' : undefined) });
    await banByHand(desk, { networks: ['203.0.113.7', '203.0.113.8'] });
    const rows = await unbanByHand(desk, { networks: ['203.0.113.0/24'] });
    expect(rows.map(({ network, owed }) => [network, owed])).toEqual([
      ['203.0.113.7', 'nftables: nft: no'],
      ['203.0.113.8', undefined],
    ]);
  });

  it('of text that is no network is refused, and no ban is lifted', async () => {
    const { desk } = deskFor({ now: NOW });
    expect(await refusal(unbanByHand(desk, { networks: ['everybody'] }))).toMatch(/; nothing was lifted$/);
    expect(await refusal(unbanByHand(desk, { networks: [] }))).toMatch(/; nothing was lifted$/);
  });
});

describe('the end of a ban', () => {
  it('leaves the ban of another jail in the firewall until its own end', async () => {
    const { desk, ledger, firewall, clock } = deskFor({ now: NOW });
    await banByHand(desk, { networks: ['203.0.113.7'], duration: HOUR });
    await judgeHits(desk, batches([hit('203.0.113.7', 30 * 60_000)]), { fromNow: false });
    expect(firewall.get('203.0.113.7/32' as Network)).toBe(NOW + HOUR);
    clock.now = NOW + 45 * 60_000;
    await desk.court.lift(ledger.expired(), 'its time is over');
    expect(firewall.get('203.0.113.7/32' as Network)).toBe(NOW + HOUR);
    clock.now = NOW + HOUR;
    await desk.court.lift(ledger.expired(), 'its time is over');
    expect(firewall.size).toBe(0);
  });
});

/** Collects the pages of all bans, or of the bans inside and around a network. */
const listed = (ledger: Ledger, within?: string): readonly BanRow[] => [...pagesOfBans(ledger, new Translators(), within)].flat();

describe('a listing', () => {
  it('N04: contains the bans inside a network', async () => {
    const { desk, ledger } = deskFor({ now: NOW });
    await banByHand(desk, { networks: ['192.0.2.1', '192.0.3.1', '2001:db8::1'] });
    expect(listed(ledger, '192.0.2.0/24').map(({ network }) => network)).toEqual(['192.0.2.1']);
    expect(listed(ledger)).toHaveLength(3);
    expect(() => listed(ledger, '192.0.2.1/24')).toThrow('host bits set');
  });

  it('N022: of an address contains the bans of networks around it', async () => {
    const { desk, ledger } = deskFor({ now: NOW });
    await banByHand(desk, { networks: ['2001:db8:1::5', '2001:db8:1::/64', '2001:db8:2::/64', '2001:db8::/32'] });
    const networks = listed(ledger, '2001:db8:1::5').map(({ network }) => network);
    expect(networks.toSorted()).toEqual(['2001:db8:1::/64', '2001:db8:1::5', '2001:db8::/32']);
    expect(networks.at(-1)).toBe('2001:db8:1::5');
  });
});

describe('a backfill', () => {
  it('sets only bans that would still be in force, for their remaining time', async () => {
    const { desk, firewall } = deskFor({ now: NOW });
    const summary = await judgeHits(desk, batches([hit('203.0.113.1', 5 * HOUR)], [hit('203.0.113.2', 10 * 60_000)]), {
      fromNow: false,
    });
    expect(summary).toMatchObject({ hits: 2, known: 0, bans: 2 });
    expect(summary.set.map(({ network, until }) => [network, until])).toEqual([['203.0.113.2', '2026-11-25T08:50:00.000Z']]);
    expect([...firewall]).toEqual([['203.0.113.2/32', NOW + 50 * 60_000]]);
  });

  it('counts ban times from now with fromNow', async () => {
    const { desk, firewall } = deskFor({ now: NOW });
    await judgeHits(desk, batches([hit('203.0.113.1', 5 * HOUR)]), { fromNow: true });
    expect([...firewall]).toEqual([['203.0.113.1/32', NOW + HOUR]]);
  });

  it('K08: changes nothing when it is repeated', async () => {
    const { desk, ledger } = deskFor({ now: NOW });
    const hits = [hit('203.0.113.1', 5 * HOUR), hit('203.0.113.2', 10 * 60_000), hit('203.0.113.2', 9 * 60_000)];
    await judgeHits(desk, batches(hits), { fromNow: false });
    const before = [ledger.counts(), ledger.standing.list(undefined)];
    expect(await judgeHits(desk, batches(hits), { fromNow: false })).toMatchObject({ hits: 3, known: 3, bans: 0, set: [] });
    expect([ledger.counts(), ledger.standing.list(undefined)]).toEqual(before);
  });

  it('T11: counts hits by the time in the log', async () => {
    const { desk } = deskFor({ now: NOW, policy: { maxretry: 3, findtime: HOUR } });
    const spread = [hit('203.0.113.1', 72 * HOUR), hit('203.0.113.1', 48 * HOUR), hit('203.0.113.1', 24 * HOUR)];
    expect(await judgeHits(desk, batches(spread), { fromNow: false })).toMatchObject({ watched: 3, bans: 0 });
    const close = [hit('203.0.113.2', 30 * 60_000), hit('203.0.113.2', 20 * 60_000), hit('203.0.113.2', 10 * 60_000)];
    expect(await judgeHits(desk, batches(close), { fromNow: false })).toMatchObject({ watched: 2, bans: 1 });
  });
});

describe('very many bans', () => {
  it('B10: are all lifted when an unban names several networks', async () => {
    const { desk, ledger, firewall } = deskFor({ now: NOW });
    const hosts = Array.from({ length: 12_000 }, (_, n) => `10.${n >> 13}.${(n >> 8) & 31}.${n & 255}`);
    await banByHand(desk, { networks: [...hosts, '192.0.2.1'] });
    expect(await unbanByHand(desk, { networks: ['10.0.0.0/16', '10.1.0.0/16', '10.2.0.0/16'] })).toHaveLength(12_000);
    expect(ledger.standing.list(undefined).map(({ network }) => network)).toEqual(['192.0.2.1/32']);
    expect([...firewall.keys()]).toEqual(['192.0.2.1/32']);
  });

  it('B10: are listed in pages', async () => {
    const { desk, ledger } = deskFor({ now: NOW });
    await banByHand(desk, { networks: ['192.0.2.1'] });
    const hosts = Array.from({ length: 5000 }, (_, n) => `10.0.${n >> 8}.${n & 255}`);
    await banByHand(desk, { networks: hosts });
    const pages = [...pagesOfBans(ledger, new Translators())].filter((page) => page.length > 0);
    expect([...pagesOfBans(ledger, new Translators(), '10.0.0.0/30')].flat()).toHaveLength(4);
    expect(() => [...pagesOfBans(ledger, new Translators(), '10.0.0.1/30')]).toThrow('host bits set');
    expect(pages.length).toBeGreaterThan(1);
    expect(
      pages
        .flat()
        .map(({ network }) => network)
        .toSorted(),
    ).toEqual(['192.0.2.1', ...hosts].toSorted());
  });
});
