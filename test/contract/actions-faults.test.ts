// Tests that Trapline finds and repairs the changes that another program makes in a firewall.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Enforcer, loadAction } from '../../src/actions/enforce.ts';
import type { Entry } from '../../src/words/firewall.ts';
import { until } from '../support/until.ts';
import { Namespace } from '../support/actions/wire.ts';
import { entry, heldBy, KeptLog, lift, network, set } from '../support/actions/words.ts';
import { root } from '../support/privileges.ts';

const HOST = '192.0.2.1';
const WANTED = [HOST, '192.0.2.2', '198.51.100.0/24', '2001:db8::/64', '2001:db8::1'];

/** Deletes the table, and makes another table that holds only this object. */
const FOREIGN = (object: string): string => `nft delete table inet trapline ; add table inet trapline ; add ${object}`;

/** Each row has an action, a change by another program, the commands of the change, and the number of differences that the change makes. */
const FAULTS: readonly (readonly [type: string, what: string, commands: readonly string[], drift: number])[] = [
  ['nftables', 'flushes the ruleset', ['nft flush ruleset'], 5],
  ['nftables', 'deletes the table', ['nft delete table inet trapline'], 5],
  ['nftables', 'empties a set', ['nft flush set inet trapline ipv4_32'], 2],
  ['nftables', 'deletes one element', [`nft delete element inet trapline ipv4_32 { ${HOST} }`], 1],
  ['nftables', 'flushes a chain', ['nft flush chain inet trapline ipv6_64'], 1],
  [
    'nftables',
    'deletes a chain and its set',
    ['nft delete chain inet trapline ipv4_24', 'nft delete set inet trapline ipv4_24'],
    1,
  ],
  ['nftables', 'replaces a set by one of another type', [FOREIGN('set inet trapline ipv4_32 { type inet_service; }')], 5],
  ['nftables', 'replaces a set by a map', [FOREIGN('map inet trapline ipv6_64 { type ipv6_addr : verdict; }')], 5],
  [
    'nftables',
    'replaces a chain by one of another hook',
    [FOREIGN('chain inet trapline ipv4_32 { type filter hook output priority 0; }')],
    5,
  ],
  ['nftables', 'makes the table dormant', ['nft add table inet trapline { flags dormant ; }'], 5],
  ['nftables', 'adds an element', ['nft add element inet trapline ipv4_32 { 203.0.113.9 }'], 1],
  ['ipset', 'flushes the chain', ['iptables -t raw -F TRAPLINE'], 3],
  ['ipset', 'flushes a whole table', ['iptables -t raw -F', 'ip6tables -t raw -F'], 5],
  ['ipset', 'empties a set', ['ipset flush trapline4'], 3],
  ['ipset', 'deletes one element', [`ipset del trapline4 ${HOST}`], 1],
  ['ipset', 'destroys a set', ['iptables -t raw -F', 'iptables -t raw -X', 'ipset destroy trapline4'], 3],
  ['ipset', 'adds an element', ['ipset add trapline4 203.0.113.9'], 1],
  ['iptables', 'flushes the chain of the bans', ['iptables -t raw -F TRAPLINE-BANS'], 3],
  ['iptables', 'flushes a whole table', ['iptables -t raw -F', 'ip6tables -t raw -F'], 5],
  ['iptables', 'deletes one rule', [`iptables -t raw -D TRAPLINE-BANS -s ${HOST}/32 -j DROP`], 1],
  ['iptables', 'lets a client pass', [`iptables -t raw -R TRAPLINE-BANS 1 -s ${HOST}/32 -j ACCEPT`], 1],
  ['iptables', 'deletes the chains', ['iptables -t raw -F', 'iptables -t raw -X'], 3],
];

/** Matches a socket of the protocol NETLINK_NETFILTER (12) in the multicast group of nftables (the seventh group). */
const LISTENER = /^\S+ +12 +\d+ +00000040 /m;

describe.runIf(root)('a firewall that another program changes', () => {
  let namespace: Namespace;
  const doors: Enforcer[] = [];
  beforeAll(() => {
    namespace = new Namespace('f');
  });
  afterEach(async () => {
    await Promise.all(doors.splice(0).map((door) => door.close()));
    namespace.run('nft', 'flush', 'ruleset');
    namespace.run('ipset', 'destroy');
  });
  afterAll(() => namespace.remove());

  const make = (type: string, watched: boolean): { door: Enforcer; log: KeptLog; held: () => Promise<string[]> } => {
    const log = new KeptLog();
    const ports = { log: log.log, clock: Date.now, wrap: namespace.inside() };
    const action = loadAction(type, {}, ports);
    const door = new Enforcer([watched ? action : Object.assign(action, { watch: undefined })], ports);
    doors.push(door);
    return { door, log, held: () => heldBy(loadAction(type, {}, ports)) };
  };
  const wanted: readonly Entry[] = WANTED.map((text) => entry(text));
  const all = WANTED.map(network).toSorted();
  const spoil = (commands: readonly string[]): void => {
    for (const command of commands) namespace.run(...command.split(' '));
  };

  it.each(FAULTS)('F01: is repaired at the next sync, which counts the differences (%s: %s)', async (type, _, commands, drift) => {
    const { door, log, held } = make(type, false);
    await door.sync(() => () => wanted);
    expect(await held()).toEqual(all);
    spoil(commands);
    expect(await held()).not.toEqual(all);
    await door.sync(() => () => wanted);
    expect(await held()).toEqual(all);
    expect(door.status()[0]).toMatchObject({ state: 'ok', owed: 0, drift });
    expect(log.lines).toEqual([
      expect.stringMatching(`^warn: ${type}: \\d bans were missing and \\d were too many; correcting the firewall$`),
    ]);
    await door.sync(() => () => wanted);
    expect(door.status()[0]?.drift).toBe(drift);
  });

  const unreported = new Set(['adds an element', 'makes the table dormant']);
  const reported = FAULTS.filter(([type, what]) => type === 'nftables' && !unreported.has(what));

  it.each(reported)('F01: is repaired without waiting for the next sync (%s: %s)', async (type, _, commands, drift) => {
    const { door, held } = make(type, true);
    await door.sync(() => () => wanted);
    await until('nft monitor listens', () => LISTENER.test(namespace.run('cat', '/proc/net/netlink')));
    spoil(commands);
    await until('all bans are back', async () => door.status()[0]?.drift === drift && (await held()).length === all.length);
    expect(await held()).toEqual(all);
  });

  it.each(['nftables', 'ipset', 'iptables'])('bans IPv4 when IPv6 is switched off in the kernel (%s)', async (type) => {
    namespace.run('sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1');
    const { door, log, held } = make(type, false);
    await door.open();
    await door.sync(() => () => wanted);
    await set(door, [entry('192.0.2.9'), entry('2001:db8:9::/64')]);
    await lift(door, [network(HOST), network('2001:db8::/64')]);
    expect((await held()).filter((one) => !one.includes(':'))).toEqual(['192.0.2.2/32', '192.0.2.9/32', '198.51.100.0/24']);
    expect(door.status()[0]).toMatchObject({ state: 'ok', owed: 0, drift: 0 });
    expect(log.lines).toEqual([]);
    namespace.run('sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=0');
  });
});
