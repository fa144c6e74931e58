// Defines networks that no ban may ever cover, on any machine and with any configuration.
import { parseNetwork } from '../lib/address.ts';
import { NamedNetworks, type Named } from './networks.ts';

/**
 * No client that a firewall could block has an address in these networks (RFC 1122 3.2.1.3, RFC 3927, RFC 4291 2.4, RFC 5771, RFC 919).
 */
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
export const SPECIAL_NETWORKS = NamedNetworks.of(
  SPECIAL.flatMap(([text, name]): Named[] => {
    const parsed = parseNetwork(text);
    return 'network' in parsed ? [{ network: parsed.network, where: name }] : [];
  }),
);
