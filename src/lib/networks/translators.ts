// Interprets IPv6 addresses that contain the IPv4 address of a client. Translators (NAT64, SIIT) and the tunnels 6to4 and Teredo make such
// addresses.
import {
  bytesOf,
  containsNetwork,
  familyOf,
  firstAddress,
  networkOf,
  networkOfBytes,
  parseNetwork,
  prefixOf,
  type Address,
  type Network,
} from '../address.ts';

/** The prefix lengths with which a translator may embed IPv4 addresses (RFC 6052 section 2.2). */
export const TRANSLATOR_LENGTHS: readonly number[] = [32, 40, 48, 56, 64, 96];

/** True for an IPv6 network that may be the prefix of a translator. */
export function isTranslatorPrefix(network: Network): boolean {
  if (familyOf(network) === 4 || !TRANSLATOR_LENGTHS.includes(prefixOf(network))) return false;
  return bytesOf(firstAddress(network))[U_OCTET] === 0;
}

/** The index of the byte with the bits 64 to 71. In a translated address this byte is zero (RFC 6052 section 2.2). */
const U_OCTET = 8;

/** The well-known prefix of RFC 6052 section 2.1. */
const WELL_KNOWN = fixed('64:ff9b::/96');

/** The network of RFC 8215. Operators choose the prefix of their translator from this network. The prefix may have any length. */
const LOCAL_USE = fixed('64:ff9b:1::/48');

/** The network of 6to4. Each site has the network 2002:V4ADDR::/48 in it (RFC 3056 section 2). */
const SIX_TO_FOUR = fixed('2002::/16');

/**
 * The network of Teredo. Each client has one address. Bits 32 to 63 of the address are the IPv4 address of the client's Teredo server, so all
 * clients of one server share a /64 (RFC 4380 section 4).
 */
const TEREDO = fixed('2001::/32');

/** The IPv4 network whose packets arrive from an IPv6 network. */
export interface Behind {
  /** The IPv4 address or network. `0.0.0.0/0`: all of IPv4. */
  readonly ipv4: Network;
  /** The prefix of the translator. */
  readonly translator: Network;
}

/** The translators in front of this server: translators with well-known prefixes, and translators with the operator's own prefixes. */
export class Translators {
  /** The operator's own prefixes. */
  readonly own: readonly Network[];
  /** The operator's own prefixes and the well-known prefix, the longest prefix first. */
  readonly #prefixes: readonly Network[];

  /** `own`: the operator's own prefixes, with lengths of RFC 6052. */
  constructor(own: readonly Network[] = []) {
    this.own = own;
    this.#prefixes = [...new Set([...own, WELL_KNOWN])].toSorted((one, other) => prefixOf(other) - prefixOf(one));
  }

  /**
   * The IPv4 network whose packets arrive from this IPv6 network. For a translated address, it is one IPv4 address. For a network that
   * contains the whole prefix of a translator, it is all of IPv4. Undefined when no such IPv4 network is known.
   */
  behind(network: Network): Behind | undefined {
    if (familyOf(network) === 4 || this.#isElsewhere(network)) return undefined;
    const whole = [...this.#prefixes, LOCAL_USE].find((prefix) => containsNetwork(network, prefix));
    if (whole !== undefined) return { ipv4: ALL_IPV4, translator: whole };
    const translator = this.#prefixes.find((prefix) => containsNetwork(prefix, network));
    if (translator === undefined) return localUse(network);
    return { ipv4: embedded(network, prefixOf(translator)), translator };
  }

  /**
   * True when no prefix is configured, and the network shares no address with the well-known prefixes. This check is quick, because it does
   * not parse the network.
   */
  #isElsewhere(network: Network): boolean {
    return this.own.length === 0 && prefixOf(network) >= 48 && !network.startsWith('64:ff9b:');
  }

  /** The IPv6 networks from which packets of this IPv4 network may arrive: one for the well-known prefix, and one for each configured prefix. */
  formsOf(ipv4: Network): readonly Network[] {
    return familyOf(ipv4) === 6 ? [] : this.#prefixes.map((prefix) => translated(ipv4, prefix));
  }

  /**
   * The networks of `formsOf` that have a prefix of the operator. Packets really arrive from these networks, because the operator runs their
   * translators.
   */
  ownFormsOf(ipv4: Network): readonly Network[] {
    return familyOf(ipv4) === 6 ? [] : this.own.map((prefix) => translated(ipv4, prefix));
  }
}

/** All of IPv4. */
const ALL_IPV4 = fixed('0.0.0.0/0');

/**
 * The IPv6 network from which packets of an IPv4 network arrive when they pass a translator (RFC 6052 section 2.2). The bits of a suffix are
 * not part of the prefix of this IPv6 network.
 */
export function translated(ipv4: Network, translator: Network): Network {
  const length = prefixOf(translator);
  const places = placesOf(length);
  const bytes = [...bytesOf(firstAddress(translator))];
  for (const [index, byte] of bytesOf(firstAddress(ipv4)).entries()) bytes[places[index] ?? 0] = byte;
  const bits = prefixOf(ipv4);
  const last = places[Math.ceil(bits / 8) - 1];
  return networkOfBytes(bytes, last === undefined ? length : last * 8 + (((bits - 1) % 8) + 1));
}

/**
 * The prefix length of the largest network around this address that includes no other client. It is 128 for Teredo and for a translator whose
 * layout is not known, and 48 for 6to4. For any other address it is 0, so that only the prefix length of the jail counts.
 */
export function leastPrefix(address: Address): number {
  if (!/^(?:64:ff9b:1:|2001:0?:|2002:)/.test(address)) return 0;
  const host = networkOf(address, 128);
  if (containsNetwork(TEREDO, host) || containsNetwork(LOCAL_USE, host)) return 128;
  return containsNetwork(SIX_TO_FOUR, host) ? 48 : 0;
}

/** The indices of the four bytes of an IPv6 address that hold the IPv4 address, for a translator prefix of this length. */
function placesOf(length: number): readonly number[] {
  const first = length / 8;
  return [0, 1, 2, 3].map((index) => first + index + (first <= U_OCTET && first + index >= U_OCTET ? 1 : 0));
}

function embedded(network: Network, length: number): Network {
  const bytes = bytesOf(firstAddress(network));
  const bits = placesOf(length).map((place) => Math.min(8, Math.max(0, prefixOf(network) - place * 8)));
  const ipv4 = placesOf(length).map((place) => bytes[place] ?? 0);
  return networkOfBytes(
    ipv4,
    bits.reduce((sum, each) => sum + each, 0),
  );
}

/**
 * Assumes that the translator of a network of RFC 8215 has a /96 prefix, as in the examples of RFC 8215. If the last three bytes of an
 * address are zero, the prefix must be shorter, because no client has an IPv4 address such as 192.0.0.0. Then the IPv4 address is not known.
 */
function localUse(network: Network): Behind | undefined {
  if (!containsNetwork(LOCAL_USE, network)) return undefined;
  if (prefixOf(network) <= 96) return { ipv4: ALL_IPV4, translator: network };
  const bytes = bytesOf(firstAddress(network));
  if (bytes[U_OCTET] !== 0 || bytes.slice(-3).every((byte) => byte === 0)) return undefined;
  return { ipv4: embedded(network, 96), translator: networkOf(firstAddress(network), 96) };
}

function fixed(text: string): Network {
  const parsed = parseNetwork(text);
  if ('fault' in parsed) throw new Error(`${text}: ${parsed.fault}`);
  return parsed.network;
}
