import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readMachine, type MachinePlaces } from '../../src/decision/machine.ts';
import { ConfigError } from '../../src/errors.ts';
import { formatNetwork } from '../../src/lib/address.ts';
import { Namespace } from '../support/actions/wire.ts';
import { root } from '../support/privileges.ts';

const folder = mkdtempSync(join(tmpdir(), 'trapline-machine-'));
afterAll(() => rmSync(folder, { recursive: true }));

let made = 0;

/** Makes a folder with the given files, which stands for /proc/self/net. Returns its path. */
function folderOf(files: Readonly<Record<string, string>>): string {
  made += 1;
  const proc = join(folder, `net${made}`);
  mkdirSync(proc);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(proc, name), text);
  return proc;
}

/** The networks that are read from the given places only, each with its reason. */
function readFrom(places: MachinePlaces): { networks: readonly string[]; faults: readonly string[] } {
  const { networks, faults } = readMachine({ proc: undefined, resolvers: [], interfaces: () => [], ...places });
  const texts = networks.map(({ network, where }) => `${formatNetwork(network)} ${where}`);
  return { networks: [...new Set(texts)].toSorted(), faults: faults.map((fault) => fault.replaceAll(folder, 'FOLDER')) };
}

const refused = (): never => {
  throw new ConfigError('refused');
};

const OWN = "the machine's own address";

describe.runIf(root)('the addresses of a kernel', () => {
  const FILES = ['fib_trie', 'if_inet6', 'route', 'ipv6_route'];
  let proc = '';
  let interfaces: string[] = [];

  beforeAll(() => {
    const namespace = new Namespace('m');
    const ip = (text: string): string => namespace.run('ip', ...text.split(' '));
    ip('link add wire type veth peer name other');
    ip('link set other up');
    ip('link set wire up');
    ip('addr add 203.0.113.2/24 dev wire');
    ip('-6 addr add 2001:db8:a::2/64 dev wire nodad');
    // The other end of this link is down, so the link has no carrier, like a bridge without members or an unplugged cable.
    ip('link add bare type veth peer name end');
    ip('link set bare up');
    ip('addr add 203.0.113.65/26 dev bare');
    ip('-6 addr add 2001:db8:b::65/64 dev bare nodad');
    ip('link add off type bridge');
    ip('addr add 198.51.100.9/24 dev off');
    // Adds a network for which this machine answers, an address in a separate table, and the table of a transparent proxy.
    ip('route add local 198.51.100.128/28 dev lo');
    ip('-6 route add local 2001:db8:c::/64 dev lo');
    ip('route add local 198.51.100.77 dev lo table 77');
    ip('route add local 0.0.0.0/0 dev lo table 100');
    ip('route add local 10.0.0.0/8 dev lo table 100');
    ip('-6 route add local ::/0 dev lo table 100');
    ip('route add default via 203.0.113.1');
    ip('route add default via 203.0.113.3 metric 200');
    ip('route add 192.0.2.0/24 via 203.0.113.4');
    ip('-6 route add default via 2001:db8:a::1');
    ip('-6 route add default via 2001:db8:a::3 table 60');
    ip('-6 route add 2001:db8:d::/48 via 2001:db8:a::4');
    proc = folderOf(Object.fromEntries(FILES.map((name) => [name, namespace.run('cat', `/proc/self/net/${name}`)])));
    const list = 'console.log(JSON.stringify(Object.values(os.networkInterfaces()).flat().map((one) => one.address)))';
    interfaces = JSON.parse(namespace.run(process.execPath, '-e', list)) as string[];
    namespace.remove();
  });

  const found = (): readonly string[] => readFrom({ proc }).networks;

  it('include the addresses of links in every state', () => {
    const own = ['203.0.113.2', '203.0.113.65', '198.51.100.9', '2001:db8:a::2', '2001:db8:b::65'];
    expect(found()).toEqual(expect.arrayContaining(own.map((address) => `${address} ${OWN}`)));
    expect(interfaces).not.toContain('198.51.100.9');
  });

  it('include the addresses in every routing table, and the networks for which the kernel answers', () => {
    const own = ['198.51.100.77', '198.51.100.128/28', '2001:db8:c::/64'];
    expect(found()).toEqual(expect.arrayContaining(own.map((address) => `${address} ${OWN}`)));
  });

  it('do not include the whole Internet when the table of a transparent proxy has a route for it', () => {
    expect(found().filter((text) => /^(?:0\.|10\.|::\/)/.test(text))).toEqual([]);
  });

  it('include the default gateways, and no other router', () => {
    expect(found().filter((text) => text.includes('gateway'))).toEqual([
      '2001:db8:a::1 a default gateway',
      '2001:db8:a::3 a default gateway',
      '203.0.113.1 a default gateway',
      '203.0.113.3 a default gateway',
    ]);
  });

  it('include no other network', () => {
    const others = found().filter((text) => !/^(?:127\.|::1 |fe80:)/.test(text));
    expect(others).toHaveLength(8 + 4);
  });
});

describe('readMachine', () => {
  it('finds the addresses of the resolvers, without a zone', () => {
    const text =
      '# nameserver 192.0.2.9\nnameserver 192.0.2.53\n nameserver 192.0.2.10\nsearch example.org\nnameserver\t2001:db8::53 \nnameserver fe80::1%eth0\nnameserver x\n';
    const file = join(folderOf({ 'resolv.conf': text }), 'resolv.conf');
    expect(readFrom({ resolvers: [file, join(folder, 'none')] })).toEqual({
      networks: ['192.0.2.53 a resolver', '2001:db8::53 a resolver', 'fe80::1 a resolver'],
      faults: [],
    });
  });

  it('finds the addresses that Node lists, on a system without /proc', () => {
    expect(readFrom({ interfaces: () => ['192.0.2.1', 'no address'] }).networks).toEqual([`192.0.2.1 ${OWN}`]);
    const own = Object.values(networkInterfaces()).flatMap((each = []) => each.map(({ address }) => address));
    const networks = new Set(readMachine().networks.map(({ network }) => formatNetwork(network)));
    expect(own.filter((address) => !networks.has(address))).toEqual([]);
  });

  it('finds an IPv6 address that has no route yet, because duplicate address detection is still running', () => {
    const line = '20010db8000b00000000000000000065 04 40 00 c0     eth0\n';
    expect(readFrom({ proc: folderOf({ fib_trie: '', if_inet6: line }) }).networks).toEqual([`2001:db8:b::65 ${OWN}`]);
  });

  it('accepts a machine without IPv6 tables, and names the files that it cannot read', () => {
    const proc = folderOf({ route: 'Iface\tDestination\tGateway\n' });
    expect(readFrom({ proc, interfaces: () => ['192.0.2.1'] })).toEqual({
      networks: [`192.0.2.1 ${OWN}`],
      faults: [
        `FOLDER/net${made}/fib_trie: cannot be read (ENOENT: no such file or directory, open 'FOLDER/net${made}/fib_trie'), list in "ignoreip" each address that is ${OWN}; without them this machine could ban itself`,
      ],
    });
    mkdirSync(join(proc, 'fib_trie'));
    mkdirSync(join(proc, 'ipv6_route'));
    expect(readFrom({ proc }).faults).toHaveLength(3);
  });

  it('reads a table of routes of up to 4 MiB', () => {
    const head = 'Local:\n  |-- 192.0.2.1\n     /32 host LOCAL\n';
    const file = (size: number): string => folderOf({ fib_trie: head.padEnd(size, '  |-- 10.0.0.0\n     /8 link UNICAST\n') });
    expect(readFrom({ proc: file(4 * 1024 * 1024) })).toEqual({ networks: [`192.0.2.1 ${OWN}`], faults: [] });
    expect(readFrom({ proc: file(4 * 1024 * 1024 + 1) }).faults).toEqual([expect.stringContaining('(more than 4 MiB)')]);
  });

  it('throws when the system refuses to list the interfaces', () => {
    expect(() => readFrom({ interfaces: refused })).toThrow(ConfigError);
  });
});
