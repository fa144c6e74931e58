// Tests that a running daemon repairs its firewall when another program changes it. test/contract/actions-faults.test.ts tests each action.
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compile, eventually, trapLine, World } from '../support/faults/daemon.mjs';
import { root } from '../support/privileges.ts';

const CLIENTS = ['203.0.113.7', '203.0.113.8'];

describe.runIf(root)('a firewall', () => {
  let world: World;

  beforeAll(() => compile(), 120_000);
  beforeEach(() => {
    world = new World();
  });
  afterEach(() => world.remove());

  const drift = async (): Promise<number | undefined> => (await world.status()).actions[0]?.drift;
  const hit = async (): Promise<void> => {
    world.write(...CLIENTS.map((client, number) => trapLine(client, { number })));
    await eventually('the hits are counted', async () => (await world.status()).hits === CLIENTS.length);
  };
  /** True if a socket of NETLINK_NETFILTER (12) is in the multicast group of nftables (the seventh), which shows that nft monitor listens. */
  const listens = (): boolean => /^\S+ +12 +\d+ +00000040 /m.test(world.run('cat', '/proc/net/netlink'));

  it('has every ban again long before the next sync when it is flushed, and the status counts the differences', async () => {
    world.configure('sync: 1h');
    await world.start();
    await hit();
    await eventually('all bans are in the firewall', () => world.holds(CLIENTS));
    await eventually('nft monitor listens', listens);
    expect(await drift()).toBe(0);
    world.run('nft', 'flush', 'ruleset');
    await eventually('all bans are back', async () => (await drift()) === CLIENTS.length && world.holds(CLIENTS));
    world.run('nft', 'delete', 'element', 'inet', 'trapline', 'ipv4_32', `{ ${CLIENTS[0]} }`);
    await eventually('the deleted ban is back', async () => (await drift()) === CLIENTS.length + 1 && world.holds(CLIENTS));
    expect(world.said).toContain('nftables: 2 bans were missing and 0 were too many; correcting the firewall');
  });

  it('has every ban again after a reload like that of nftables.service, and keeps the rules of other programs', async () => {
    world.configure('sync: 1h');
    await world.start();
    await hit();
    await eventually('nft monitor listens', listens);
    const rules = 'flush ruleset; add table inet filter; add chain inet filter input { type filter hook input priority filter; }';
    world.run('nft', rules);
    await eventually('all bans are back', () => world.run('nft', 'list', 'tables').includes('trapline') && world.holds(CLIENTS));
    expect(world.run('nft', 'list', 'tables')).toContain('table inet filter');
  });

  it.each(['ipset', 'iptables'])('has every ban again after the next sync when it is flushed (%s)', async (type) => {
    world.configure(`sync: 1s\nactions: [${type}]`);
    await world.start();
    await hit();
    const rules = (): string => world.run('iptables-save', '-t', 'raw') + (type === 'ipset' ? world.run('ipset', 'save') : '');
    const all = (): boolean => rules().includes('-j TRAPLINE') && CLIENTS.every((client) => rules().includes(client));
    await eventually('all bans are in the firewall', all);
    world.run('iptables', '-t', 'raw', '-F');
    if (type === 'ipset') world.run('ipset', 'flush');
    await eventually('all bans are back', all);
    expect(await eventually('the status shows the drift', drift)).toBe(CLIENTS.length);
  });

  it('bans IPv4 clients when IPv6 is switched off in the kernel, and the daemon logs one notice', async () => {
    world.run('sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1');
    world.configure('sync: 1s');
    await world.start();
    await hit();
    await eventually('all bans are in the firewall', () => world.holds(CLIENTS));
    world.run('nft', 'flush', 'ruleset');
    await eventually('all bans are back', async () => (await drift()) === CLIENTS.length && world.holds(CLIENTS));
    expect(world.said.match(/IPv6/g)).toEqual(['IPv6', 'IPv6']);
    expect(world.said).toContain('nftables: IPv6 is off in this kernel; bans of IPv6 addresses are set, but have no effect');
    expect((await world.status()).actions[0]).toMatchObject({ state: 'ok', owed: 0 });
  });
});
