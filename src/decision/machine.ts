// Reads the addresses that this machine needs: its own addresses (in every routing table, even on a link that is down), its default gateways
// and its resolvers.
import { closeSync, openSync, readSync } from 'node:fs';
import { endianness, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { ConfigError, errnoOf, messageOf } from '../errors.ts';
import { hostNetwork, isHost, parseAddress, parseNetwork, prefixOf, type Network } from '../lib/address.ts';
import type { Named } from './networks.ts';

/** The networks that no ban may cover, and for each part that could not be read, a fault of one line. */
export interface Machine {
  readonly networks: readonly Named[];
  readonly faults: readonly string[];
}

/** The places that `readMachine` reads. */
export interface MachinePlaces {
  /** The folder of proc_net(5). Undefined: this system has no such folder. */
  readonly proc?: string | undefined;
  /** Files in the format of resolv.conf(5). */
  readonly resolvers?: readonly string[];
  /** Returns the addresses of all interfaces that are up, as text. */
  readonly interfaces?: () => readonly string[];
}

/** The reasons of the networks, for messages. */
export const OWN = "the machine's own address";
const GATEWAY = 'a default gateway';
const RESOLVER = 'a resolver';

/**
 * The largest file in bytes. A router with 50,000 routes has a table of this size. Reading a larger table every few seconds would cost too
 * much.
 */
const LARGEST = 4 * 1024 * 1024;

const PIECE = 65_536;

/** Flags of /proc/net/route and /proc/net/ipv6_route (linux/route.h, linux/ipv6_route.h). */
const RTF_GATEWAY = 0x2;
const RTF_LOCAL = 0x8000_0000;

/** systemd-resolved writes the servers that it queries into the second file, and only its own address into the first file. */
const RESOLV_CONF = ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf'];

/**
 * Reads the addresses from the kernel and from resolv.conf(5). Node does not list the addresses of a link without carrier, although Linux
 * answers on them. The tables of /proc/net have these addresses. Throws ConfigError when the interfaces cannot be listed.
 */
export function readMachine(places: MachinePlaces = {}): Machine {
  const proc = 'proc' in places ? places.proc : procOfThisSystem();
  const faults: string[] = [];
  const own = ownNetworks((places.interfaces ?? interfaceAddresses)());
  const found = (file: string, read: (lines: Iterable<string>) => Iterable<Network>, where: string, needed = false): Named[] => {
    const networks: Named[] = [];
    try {
      for (const network of read(linesOf(file))) networks.push({ network, where });
    } catch (thrown) {
      const errno = errnoOf(thrown);
      if (errno === undefined && !(thrown instanceof ConfigError)) throw thrown;
      if (errno !== 'ENOENT' || needed) faults.push(faultText(file, where, thrown));
    }
    return networks;
  };
  const kernel =
    proc === undefined
      ? []
      : [
          ...found(join(proc, 'fib_trie'), localInTrie, OWN, true),
          ...found(join(proc, 'if_inet6'), addressesOfInterfaces, OWN),
          ...found(join(proc, 'ipv6_route'), localIPv6, OWN),
          ...found(join(proc, 'route'), gatewaysIPv4, GATEWAY),
          ...found(join(proc, 'ipv6_route'), gatewaysIPv6, GATEWAY),
        ];
  const resolvers = (places.resolvers ?? RESOLV_CONF).flatMap((file) => found(file, nameServers, RESOLVER));
  return { networks: [...own, ...kernel, ...resolvers], faults: [...new Set(faults)] };
}

/** Returns each address as a network of one host. A text that is no address is left out. */
export function ownNetworks(addresses: readonly string[]): readonly Named[] {
  return addresses.flatMap((text): Named[] => {
    const address = parseAddress(text);
    return address ? [{ network: hostNetwork(address), where: OWN }] : [];
  });
}

function procOfThisSystem(): string | undefined {
  return process.platform === 'linux' ? '/proc/self/net' : undefined;
}

/** The addresses of all interfaces as text; throws ConfigError when the system refuses to list them. */
function interfaceAddresses(): readonly string[] {
  try {
    return Object.values(networkInterfaces()).flatMap((addresses = []) => addresses.map(({ address }) => address));
  } catch (thrown) {
    throw new ConfigError(
      `the machine's own addresses cannot be read (${messageOf(thrown)}), allow AF_NETLINK in the unit; without them this machine could ban itself`,
      { cause: thrown },
    );
  }
}

function faultText(file: string, where: string, thrown: unknown): string {
  return `${file}: cannot be read (${messageOf(thrown)}), list in "ignoreip" each address that is ${where}; without them this machine could ban itself`;
}

/** The lines of a file, read in pieces. Throws ConfigError for a file above LARGEST, and the error of the system. */
function* linesOf(path: string): Generator<string> {
  const file = openSync(path, 'r');
  try {
    const piece = Buffer.allocUnsafe(PIECE);
    let rest = '';
    for (let size = 0; ;) {
      const read = readSync(file, piece, 0, PIECE, null);
      if (read === 0) break;
      size += read;
      if (size > LARGEST) throw new ConfigError(`more than ${LARGEST / 1024 / 1024} MiB`);
      const lines = `${rest}${piece.toString('latin1', 0, read)}`.split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
    if (rest !== '') yield rest;
  } finally {
    closeSync(file);
  }
}

/**
 * Yields the networks of /proc/net/fib_trie whose packets the kernel delivers to this machine: a leaf `|-- ADDRESS`, then the line
 * `/PREFIX SCOPE LOCAL`. A single address counts in every table. A network counts only in the tables `Local` and `Main`, because
 * transparent proxies have `local 0.0.0.0/0` in a separate table (linux, Documentation/networking/tproxy.rst).
 */
function* localInTrie(lines: Iterable<string>): Generator<Network> {
  let common = false;
  let leaf = '';
  for (const line of lines) {
    if (!line.startsWith(' ')) common = line === 'Local:' || line === 'Main:';
    else if (line.includes('|-- ')) leaf = line;
    if (!line.includes(' LOCAL')) continue;
    const prefix = /^\s+\/([0-9]+) \S+ LOCAL\b/.exec(line)?.[1] ?? '';
    const network = networkIn(`${leaf.slice(leaf.indexOf('-- ') + 3)}/${prefix}`);
    if (network !== undefined && (isHost(network) || (common && prefixOf(network) >= 8))) yield network;
  }
}

/** Yields the addresses of /proc/net/if_inet6. Each line begins with an address of 32 hexadecimal digits. */
function* addressesOfInterfaces(lines: Iterable<string>): Generator<Network> {
  for (const line of lines) {
    const network = networkIn(ipv6Text(line.slice(0, 32)));
    if (network !== undefined) yield network;
  }
}

/**
 * Yields the lines of /proc/net/ipv6_route. The columns are destination, prefix length, source, prefix length, next hop, metric, two counts,
 * flags and device.
 */
function* routesIPv6(lines: Iterable<string>): Generator<{ to: string; prefix: number; hop: string; flags: number }> {
  for (const line of lines) {
    const [to = '', prefix = '', , , hop = '', , , , flags = ''] = line.split(/\s+/);
    yield { to, prefix: Number.parseInt(prefix, 16), hop, flags: Number.parseInt(flags, 16) };
  }
}

/**
 * Yields the IPv6 networks whose packets are delivered to this machine. The file does not name the routing tables, so a network wider than
 * /32 is left out: it probably belongs to a transparent proxy.
 */
function* localIPv6(lines: Iterable<string>): Generator<Network> {
  for (const { to, prefix, flags } of routesIPv6(lines)) {
    if ((flags & RTF_LOCAL) === 0 || prefix < 32) continue;
    const network = networkIn(`${ipv6Text(to)}/${prefix}`);
    if (network !== undefined) yield network;
  }
}

/** Yields the next hops of default routes in /proc/net/ipv6_route: `::/0`, its two halves (which VPN programs use instead), and `2000::/3`. */
function* gatewaysIPv6(lines: Iterable<string>): Generator<Network> {
  for (const { prefix, hop, flags } of routesIPv6(lines)) {
    const network = (flags & RTF_GATEWAY) !== 0 && prefix <= 3 ? networkIn(ipv6Text(hop)) : undefined;
    if (network !== undefined) yield network;
  }
}

/** Yields the next hops of the default routes in /proc/net/route, which has the table `main` in the order of destinations. */
function* gatewaysIPv4(lines: Iterable<string>): Generator<Network> {
  for (const line of lines) {
    const [, to = '', hop = '', flags = ''] = line.split(/\s+/);
    if (to === 'Destination') continue;
    if (to !== '00000000') return;
    const network = (Number.parseInt(flags, 16) & RTF_GATEWAY) === 0 ? undefined : networkIn(ipv4Text(hop));
    if (network !== undefined) yield network;
  }
}

/** Yields the servers of resolv.conf(5). */
function* nameServers(lines: Iterable<string>): Generator<Network> {
  for (const line of lines) {
    const server = /^nameserver[ \t]+(\S+)/.exec(line)?.[1];
    const network = server === undefined ? undefined : networkIn(server);
    if (network !== undefined) yield network;
  }
}

function networkIn(text: string): Network | undefined {
  const parsed = parseNetwork(text);
  return 'network' in parsed ? parsed.network : undefined;
}

function ipv6Text(digits: string): string {
  return digits.replaceAll(/(.{4})(?=.)/g, '$1:');
}

/** The kernel prints the four bytes as one number in the byte order of the machine. */
function ipv4Text(digits: string): string {
  const bytes = [...Buffer.from(digits, 'hex')];
  return (endianness() === 'LE' ? bytes.toReversed() : bytes).join('.');
}
