// Works out which network is counted and which network is banned for the client of a hit. The functions have no side effects.
import { familyOf, firstAddress, formatNetwork, hostNetwork, networkOf, type Address, type Network } from '../lib/address.ts';
import { leastPrefix, translated } from '../lib/networks/translators.ts';
import type { AllowList } from './allowlist.ts';
import type { JailPolicy } from './options.ts';

/** The networks of a client. */
export interface Charged {
  /** The network to ban, in the form in which packets arrive. */
  readonly network: Network;
  /** The network whose hits are counted: the network to ban, or the IPv4 network of a client behind a translator. */
  readonly counted: Network;
  /** An explanation for the operator, when the network is not the usual network of the client. */
  readonly note: string | undefined;
}

/**
 * Returns the networks of a client: the network of the jail's prefix length, or the client alone if that network holds an allowed address.
 * The rules for clients behind translators and tunnels are in docs/decisions/0016-translators.md.
 */
export function chargedFor(address: Address, policy: JailPolicy, allow: AllowList): Charged {
  if (familyOf(address) === 4) return narrowed(networkOf(address, policy.ipv4Prefix), hostNetwork(address), policy, allow);
  const host = hostNetwork(address);
  const behind = allow.translators.behind(host);
  if (behind === undefined) {
    const prefix = Math.max(policy.ipv6Prefix, leastPrefix(address));
    return narrowed(networkOf(address, prefix), host, policy, allow);
  }
  const client = networkOf(firstAddress(behind.ipv4), policy.ipv4Prefix);
  const inner = narrowed(client, behind.ipv4, policy, allow);
  const note = `${formatNetwork(inner.network)} behind the translator ${behind.translator}`;
  return {
    network: translated(inner.network, behind.translator),
    counted: inner.network,
    note: inner.note === undefined ? note : `${note}, ${inner.note}`,
  };
}

function narrowed(network: Network, host: Network, policy: JailPolicy, allow: AllowList): Charged {
  if (network === host) return { network, counted: network, note: undefined };
  const allowed = allow.touches(network, policy.name);
  if (allowed === undefined) return { network, counted: network, note: undefined };
  const note = `${network} narrowed to ${formatNetwork(host)}, because it holds ${allowed}`;
  return { network: host, counted: host, note };
}
