// IP addresses and networks as canonical text. The text also serves as a key of maps and of the database. Only the functions of this file
// make such a text, and only from a valid address or network. So no other text can reach a command.
import ipaddr from 'ipaddr.js';
import { printable } from './text/printable.ts';

/** One IPv4 or IPv6 address in canonical text (RFC 5952 for IPv6); an IPv4-mapped IPv6 address is written as its IPv4 address. */
export type Address = string & { readonly __brand: 'Address' };

/** A network in canonical text, always with its prefix length: `192.0.2.7/32`, `2001:db8::/64`. Host bits are zero. */
export type Network = string & { readonly __brand: 'Network' };

/** The version of the Internet Protocol. */
export type Family = 4 | 6;

type Parsed = ipaddr.IPv4 | ipaddr.IPv6;

const IPV4 = /^(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!$)|$)){4}$/;
const IPV6 = /^[0-9A-Fa-f:.]{2,45}$/;
/** An address with its zone, which is the name of an interface. Linux allows at most 15 characters, and no slash or blank (dev_valid_name). */
const ZONE = /^(?<address>[^%]+)%[^\s/%]{1,15}$/;

function parse(text: string): Parsed | undefined {
  if (IPV4.test(text)) return ipaddr.IPv4.parse(text);
  if (text.includes('%')) return parseZoned(text);
  if (!IPV6.test(text) || !text.includes(':') || !ipaddr.IPv6.isValid(text)) return undefined;
  const address = ipaddr.IPv6.parse(text);
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

/** Parses a link-local address without its zone (RFC 4007 section 11). An address of another scope is refused, because its zone has no meaning. */
function parseZoned(text: string): Parsed | undefined {
  const address = parse(ZONE.exec(text)?.groups?.['address'] ?? '');
  return address instanceof ipaddr.IPv6 && address.range() === 'linkLocal' ? address : undefined;
}

function textOf(address: Parsed): string {
  return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString();
}

function familyOfParsed(address: Parsed): Family {
  return address instanceof ipaddr.IPv6 ? 6 : 4;
}

/**
 * Reads one IPv6 or IPv4 address. IPv4 needs four decimal numbers without leading zeros; short and hexadecimal forms are refused. The zone of
 * a link-local address is removed: `fe80::1%eth0` is `fe80::1`. Returns undefined for anything else; never throws.
 */
export function parseAddress(text: string): Address | undefined {
  if (IPV4.test(text)) return text as Address;
  const address = parse(text);
  return address && (textOf(address) as Address);
}

/** The reasons why a text is not a network. */
type NetworkFault = 'not an address or network' | 'host bits set' | 'prefix length out of range';

/**
 * Reads `ADDRESS` (one host) or `ADDRESS/PREFIX`. Host bits must be zero. `::ffff:192.0.2.0/120` is `192.0.2.0/24`. Returns the fault of a
 * text that is no network. If host bits are set, also returns the nearest network. Never throws.
 */
export function parseNetwork(text: string): { network: Network } | { fault: NetworkFault; nearest?: Network } {
  const slash = text.indexOf('/');
  if (slash < 0) {
    const address = parseAddress(text);
    return address ? { network: hostNetwork(address) } : { fault: 'not an address or network' };
  }
  const written = text.slice(0, slash);
  const address = parse(written);
  const digits = text.slice(slash + 1);
  if (!address || !/^(?:0|[1-9][0-9]{0,2})$/.test(digits)) return { fault: 'not an address or network' };
  const mapped = written.includes(':') && familyOfParsed(address) === 4;
  const prefix = Number(digits) - (mapped ? 96 : 0);
  if (prefix < 0 || prefix > widthOf(familyOfParsed(address))) return { fault: 'prefix length out of range' };
  const network = maskOf(address, prefix);
  if (network !== `${textOf(address)}/${prefix}`) return { fault: 'host bits set', nearest: network };
  return { network };
}

/** A fault of parseNetwork as a message: `"192.0.2.7/24": host bits set, did you mean "192.0.2.0/24"?`. */
export function networkFaultText(text: string, found: { readonly fault: NetworkFault; readonly nearest?: Network }): string {
  const advice = found.nearest ? `, did you mean "${found.nearest}"?` : '';
  return `"${printable(text, 64)}": ${found.fault}${advice}`;
}

function widthOf(family: Family): number {
  return family === 4 ? 32 : 128;
}

function maskOf(address: Parsed, prefix: number): Network {
  const bytes = address.toByteArray().map((byte, index) => {
    return byte & (0xff00 >> bitsOf(prefix, index)) & 0xff;
  });
  return `${textOf(ipaddr.fromByteArray(bytes))}/${prefix}` as Network;
}

/** The bytes of an address in network order: 4 or 16. */
export function bytesOf(address: Address): readonly number[] {
  return ipaddr.parse(address).toByteArray();
}

/** The network of an address given as 4 or 16 bytes. Bits behind the prefix are cleared. */
export function networkOfBytes(bytes: readonly number[], prefix: number): Network {
  return maskOf(ipaddr.fromByteArray([...bytes]), prefix);
}

/**
 * The network of an address given as 32-bit words, the highest first: one word for IPv4, four words for IPv6. The first word is `words[at]`.
 * Bits behind the prefix are cleared. Throws RangeError for a prefix length out of range.
 */
export function networkOfWords(family: Family, words: Uint32Array, prefix: number, at = 0): Network {
  if (!(prefix >= 0 && prefix <= widthOf(family))) throw new RangeError(`the prefix length ${prefix} is out of range`);
  const wordAt = (index: number): number => {
    const bits = prefix - index * 32;
    const word = words[at + index] ?? 0;
    if (bits >= 32) return word;
    return bits <= 0 ? 0 : (word & (-1 << (32 - bits))) >>> 0;
  };
  if (family === 4) {
    const word = wordAt(0);
    return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}/${prefix}` as Network;
  }
  const groups = [0, 1, 2, 3].flatMap((index) => [wordAt(index) >>> 16, wordAt(index) & 0xffff]);
  return `${ipv6Text(groups)}/${prefix}` as Network;
}

/** Eight groups of an IPv6 address as text. `::` stands for the first of the longest runs of two or more zero groups (RFC 5952 section 4). */
function ipv6Text(groups: readonly number[]): string {
  let [start, length] = [0, 1];
  for (let at = 0; at < groups.length; at += 1) {
    let end = at;
    while (groups[end] === 0) end += 1;
    if (end - at > length) [start, length] = [at, end - at];
    at = end;
  }
  const texts = groups.map((group) => group.toString(16));
  if (length === 1) return texts.join(':');
  return `${texts.slice(0, start).join(':')}::${texts.slice(start + length).join(':')}`;
}

/** The network with this prefix length that contains the address; the host itself when the prefix is longer than the address. */
export function networkOf(address: Address, prefix: number): Network {
  if (prefix >= widthOf(familyOf(address))) return hostNetwork(address);
  return maskOf(ipaddr.parse(address), prefix);
}

/** The address as a network of one host. */
export function hostNetwork(address: Address): Network {
  return `${address}/${widthOf(familyOf(address))}` as Network;
}

/** The version of the Internet Protocol of an address or network: 4 or 6. */
export function familyOf(value: Address | Network): Family {
  return value.includes(':') ? 6 : 4;
}

/** The prefix length of a network. */
export function prefixOf(network: Network): number {
  return Number(network.slice(network.indexOf('/') + 1));
}

/** The first address of a network: its text without the prefix length. */
export function firstAddress(network: Network): Address {
  return network.slice(0, network.indexOf('/')) as Address;
}

/** True for a /32 or /128. */
export function isHost(network: Network): boolean {
  return network.endsWith(familyOf(network) === 4 ? '/32' : '/128');
}

/** A network as people write it. A single host has no prefix length. */
export function formatNetwork(network: Network): string {
  return isHost(network) ? firstAddress(network) : network;
}

/** True when every address of `inner` lies in `outer`. Networks of different families never contain each other. */
export function containsNetwork(outer: Network, inner: Network): boolean {
  if (familyOf(outer) !== familyOf(inner) || prefixOf(outer) > prefixOf(inner)) return false;
  return networkOf(firstAddress(inner), prefixOf(outer)) === outer;
}

/**
 * The first and the last address of a network as texts of 33 characters: the family (`4` or `6`), then 32 hexadecimal digits (IPv4 in the
 * last eight). These texts sort in address order. A network lies inside another network exactly when its range lies inside the other range.
 */
export function rangeOf(network: Network): { first: string; last: string } {
  const address = firstAddress(network);
  const prefix = prefixOf(network);
  if (familyOf(network) === 4) {
    const number = numberOf(address);
    const first = `4${hex(number, 32)}`;
    return { first, last: prefix === 32 ? first : `4${hex(number + 2 ** (32 - prefix) - 1, 32)}` };
  }
  const bytes = ipaddr.parse(address).toByteArray();
  const last = bytes.map((byte, index) => byte | (0xff >> bitsOf(prefix, index)));
  return { first: sortable(bytes), last: sortable(last) };
}

/** The number of bits of the byte at `index` that belong to the prefix. */
function bitsOf(prefix: number, index: number): number {
  return Math.min(8, Math.max(0, prefix - index * 8));
}

/** An IPv4 address as a number. This function is called several times for each hit, so it does not build a parsed address. */
function numberOf(address: Address): number {
  let number = 0;
  for (const byte of address.split('.')) number = number * 256 + Number(byte);
  return number;
}

function sortable(bytes: readonly number[]): string {
  return `6${bytes.map((byte) => hex(byte, 2)).join('')}`;
}

function hex(number: number, digits: number): string {
  return number.toString(16).padStart(digits, '0');
}
