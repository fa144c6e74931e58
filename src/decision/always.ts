// What no ban may ever cover, whatever the configuration says: special networks and the machine's own addresses.
import { networkInterfaces } from 'node:os';
import { ConfigError, messageOf } from '../errors.ts';
import { hostNetwork, parseAddress, parseNetwork } from '../lib/address.ts';
import { NetworkSet, type Named } from './networks.ts';

/** RFC 1122 3.2.1.3, RFC 3927, RFC 4291 2.4, RFC 5771, RFC 919: none of these is a host that somebody could keep out. */
const SPECIAL: readonly (readonly [network: string, name: string])[] = [
  ['127.0.0.0/8', 'loopback'],
  ['::1/128', 'loopback'],
  ['169.254.0.0/16', 'link-local'],
  ['fe80::/10', 'link-local'],
  ['0.0.0.0/8', 'unspecified'],
  ['::/128', 'unspecified'],
  ['224.0.0.0/4', 'multicast'],
  ['ff00::/8', 'multicast'],
  ['255.255.255.255/32', 'broadcast'],
];

/** Loopback, link-local, unspecified, multicast and broadcast addresses. */
export const SPECIAL_NETWORKS = new NetworkSet(
  SPECIAL.flatMap(([text, name]): Named[] => {
    const parsed = parseNetwork(text);
    return 'network' in parsed ? [{ network: parsed.network, where: name }] : [];
  }),
);

/** The addresses of all interfaces as text; throws ConfigError when the system does not tell them. */
export function interfaceAddresses(): readonly string[] {
  try {
    return Object.values(networkInterfaces()).flatMap((addresses = []) => addresses.map(({ address }) => address));
  } catch (thrown) {
    throw new ConfigError(
      `the machine's own addresses cannot be read (${messageOf(thrown)}), allow AF_NETLINK in the unit; without them it could ban itself`,
      { cause: thrown },
    );
  }
}

/** Each address as a network of one host; text that is no address is left out. */
export function ownNetworks(addresses: readonly string[]): readonly Named[] {
  return addresses.flatMap((text): Named[] => {
    const address = parseAddress(text);
    return address ? [{ network: hostNetwork(address), where: "the machine's own address" }] : [];
  });
}
