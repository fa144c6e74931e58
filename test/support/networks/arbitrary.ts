// Random networks for property tests, and a slow model of sets of networks: a list of ranges of big integers.
import * as fc from 'fast-check';
import { familyOf, networkOf, parseAddress, rangeOf, type Network } from '../../../src/lib/address.ts';

/** Addresses of few distinct bits, so that networks are often nested, adjacent or equal. */
const NEAR = [
  '0.0.0.0',
  '10.0.0.0',
  '10.0.128.0',
  '10.0.128.7',
  '10.1.0.0',
  '255.255.255.255',
  '::',
  '2001:db8::',
  '2001:db8::8000',
].concat(['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db8:0:1::', '::fffe:ffff:ffff', '::1:0:0:0']);

/** A network of either family, with any prefix length from 0 to that of a host. */
export const aNetwork: fc.Arbitrary<Network> = fc
  .tuple(fc.oneof(fc.constantFrom(...NEAR), fc.ipV4(), fc.ipV6()), fc.oneof(fc.nat(128), fc.constantFrom(0, 31, 32, 127, 128)))
  .map(([text, prefix]) => networkOf(parseAddress(text) ?? never(text), prefix));

function never(text: string): never {
  throw new Error(`${text}: no address`);
}

/** The first and the last address of a network as big integers. Those of IPv6 are far above those of IPv4. */
export function limitsOf(network: Network): readonly [first: bigint, last: bigint] {
  const { first, last } = rangeOf(network);
  return [BigInt(`0x${first}`), BigInt(`0x${last}`)];
}

/** True when every address of `inner` is in `outer`. */
export function holds(outer: Network, inner: Network): boolean {
  const [[first, last], [innerFirst, innerLast]] = [limitsOf(outer), limitsOf(inner)];
  return familyOf(outer) === familyOf(inner) && first <= innerFirst && innerLast <= last;
}

/** True when an address is in one of the ranges. */
export function isIn(ranges: readonly (readonly [first: bigint, last: bigint])[] | undefined, address: bigint): boolean {
  return ranges?.some(([first, last]) => first <= address && address <= last) ?? false;
}
