import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostNetwork, networkOf, type Network } from '../../../src/lib/address.ts';
import { NetworkSet, NetworkSetBuilder } from '../../../src/lib/networks/networkset.ts';
import { LARGEST_TAG } from '../../../src/lib/networks/rows.ts';
import { spanOf } from '../../../src/lib/networks/span.ts';
import { address, network } from '../../support/decision/words.ts';
import { aNetwork, holds, isIn, limitsOf } from '../../support/networks/arbitrary.ts';

const setOf = (...texts: string[]): NetworkSet => NetworkSet.of(texts.map((text) => network(text)));
const networksOf = (set: NetworkSet): readonly Network[] => [...set].map((member) => member.network);
const some = fc.array(aNetwork, { maxLength: 60 });
const few = fc.array(aNetwork, { maxLength: 10 });
const MAPPED = '::ffff:0:0/96' as Network;
const NONE = [0n, 0n] as const;

const order = (one: Network, other: Network): number => (limitsOf(one)[0] < limitsOf(other)[0] ? -1 : 1);

/** The networks that are in no other network, in the order of addresses. Each has the index of its first occurrence. */
function outermost(networks: readonly Network[]): readonly { network: Network; tag: number }[] {
  const outer = networks.filter((one) => !networks.some((other) => other !== one && holds(other, one)));
  return [...new Set(outer)].toSorted(order).map((one) => ({ network: one, tag: networks.indexOf(one) }));
}

/** The host with this index in 10.0.0.0/8. */
const at = (index: number): Network => networkOf(address(`10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`), 32);

describe('NetworkSet', () => {
  const set = setOf('192.0.2.128/25', '192.0.2.0/24', '192.0.3.7', '2001:db8::/32', '::/96', '192.0.3.7');

  it('lists the networks in the order of addresses, without nested and equal networks, each with its first tag', () => {
    expect([...set]).toEqual([
      { network: '192.0.2.0/24', tag: 1 },
      { network: '192.0.3.7/32', tag: 2 },
      { network: '::/96', tag: 4 },
      { network: '2001:db8::/32', tag: 3 },
    ]);
    expect(set.size).toBe(4);
  });

  it.each([
    ['192.0.2.0', '192.0.2.0/24'],
    ['192.0.2.255', '192.0.2.0/24'],
    ['192.0.3.7', '192.0.3.7/32'],
    ['2001:db8:ffff::1', '2001:db8::/32'],
    ['192.0.1.255', undefined],
    ['192.0.3.0', undefined],
    ['192.0.3.8', undefined],
    ['2001:db9::', undefined],
    ['0.0.0.1', undefined],
  ])('the address %s is covered by %s', (text, found) => {
    expect(set.covering(address(text))?.network).toBe(found);
  });

  it('contains nothing if it was built from nothing', () => {
    expect([...setOf()]).toEqual([]);
    expect(setOf().covering(address('192.0.2.1'))).toBeUndefined();
    expect(setOf().touching(spanOf(network('::/0')))).toBeUndefined();
  });

  it('contains exactly the networks that are in no other network', () => {
    fc.assert(
      fc.property(some, (networks) => {
        expect([...NetworkSet.of(networks)]).toEqual(outermost(networks));
      }),
    );
  });

  it('finds the first of its networks that shares an address with a network, as a search through all networks does', () => {
    fc.assert(
      fc.property(some, aNetwork, (networks, asked) => {
        const found = outermost(networks).find((one) => holds(one.network, asked) || holds(asked, one.network));
        expect(NetworkSet.of(networks).touching(spanOf(asked))).toEqual(found);
      }),
      { numRuns: 1000 },
    );
  });

  it('finds the network that covers an address', () => {
    fc.assert(
      fc.property(
        some,
        fc.oneof(
          fc.ipV4(),
          fc.ipV6(),
          aNetwork.map((one) => one.replace(/\/.*/, '')),
        ),
        (networks, text) => {
          const found = outermost(networks).find((one) => holds(one.network, hostNetwork(address(text))));
          expect(NetworkSet.of(networks).covering(address(text))).toEqual(found);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('keeps 100,000 networks in order, whatever the order in which they were added', () => {
    const sorted = Array.from({ length: 100_000 }, (_, index) => at(index));
    const mixed = sorted.map((_, index) => at((index * 7919) % 100_000));
    expect(networksOf(NetworkSet.of(mixed))).toEqual(sorted);
  });
});

describe('NetworkSet.without', () => {
  it.each([
    ['192.0.2.0/24', '192.0.2.64/26', ['192.0.2.0/26', '192.0.2.128/25']],
    ['192.0.2.0/30', '192.0.2.1', ['192.0.2.0/32', '192.0.2.2/31']],
    ['192.0.2.0/24', '192.0.0.0/16', []],
    ['192.0.2.0/24', '192.0.2.0/24', []],
    ['192.0.2.0/24', '192.0.3.0/24', ['192.0.2.0/24']],
    ['192.0.2.0/24', '2001:db8::/32', ['192.0.2.0/24']],
    ['0.0.0.0/0', '0.0.0.0/1', ['128.0.0.0/1']],
    ['2001:db8::/126', '2001:db8::3', ['2001:db8::/127', '2001:db8::2/128']],
  ])('%s without %s', (from, away, rest) => {
    expect(networksOf(setOf(from).without(setOf(away)))).toEqual(rest);
  });

  it('divides a network around one address into as many networks as the prefix length differs', () => {
    expect(setOf('198.51.100.0/24').without(setOf('198.51.100.77')).size).toBe(8);
    expect(setOf('0.0.0.0/0').without(setOf('198.51.100.77')).size).toBe(32);
  });

  it('keeps no part of ::ffff:0:0/96, because its text would be read as an IPv4 network', () => {
    const rest = networksOf(setOf('::/0').without(setOf('::fffe:0:0/96')));
    expect(rest).not.toContain('::ffff:0:0/96');
    expect(rest.map((one) => network(one))).toEqual(rest);
    expect(networksOf(setOf('::/0').without(setOf('::fffe:0:0/95')))).not.toContain('::fffe:0:0/95');
  });

  it('contains exactly the addresses of the first set that are not in the second set, in order and with their tags', () => {
    fc.assert(
      fc.property(few, few, (networks, away) => {
        const rest = [...NetworkSet.of(networks).without(NetworkSet.of(away))];
        const left = rest.map((one) => one.network);
        const [before, gone, after, mapped] = [networks, away, left, [MAPPED]].map((list) => list.map((one) => limitsOf(one)));
        for (const edge of [before, gone, after].flat().flatMap(([first, last] = NONE) => [first - 1n, first, last, last + 1n])) {
          if (isIn(mapped, edge)) continue;
          expect(isIn(after, edge)).toBe(isIn(before, edge) && !isIn(gone, edge));
        }
        expect(rest.every((one) => holds(networks[one.tag] ?? MAPPED, one.network))).toBe(true);
        expect(after?.every(([first], index) => index === 0 || first > (after[index - 1] ?? NONE)[1])).toBe(true);
        expect(left.map((one) => network(one))).toEqual(left);
      }),
      { numRuns: 300 },
    );
  });
});

describe('NetworkSetBuilder', () => {
  it('counts the networks that were added, and is empty after the set was built', () => {
    const builder = new NetworkSetBuilder();
    for (const text of ['192.0.2.1', '192.0.2.1', '192.0.2.0/24']) builder.add(spanOf(network(text)));
    expect(builder.count).toBe(3);
    expect(builder.build().size).toBe(1);
    expect([builder.count, builder.build().size]).toEqual([0, 0]);
  });

  it('grows beyond its capacity', () => {
    const builder = new NetworkSetBuilder(1);
    for (let index = 0; index < 100; index += 1) builder.add(spanOf(network(`192.0.2.${index}`)), index);
    expect([...builder.build()].map((one) => one.tag)).toEqual(Array.from({ length: 100 }, (_, index) => index));
  });

  it('keeps tags up to the largest tag, in both families', () => {
    const builder = new NetworkSetBuilder();
    builder.add(spanOf(network('192.0.2.1')), LARGEST_TAG);
    builder.add(spanOf(network('192.0.2.2')), LARGEST_TAG + 1);
    builder.add(spanOf(network('::2')), LARGEST_TAG);
    expect([...builder.build()].map((one) => one.tag)).toEqual([LARGEST_TAG, LARGEST_TAG, LARGEST_TAG]);
  });
});
