import { array, assert, constantFrom, nat, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NetworkSet } from '../../src/decision/networks.ts';
import { containsNetwork, networkOf, rangeOf, type Network } from '../../src/lib/address.ts';
import { address, network } from '../support/decision/words.ts';

const setOf = (...texts: string[]): NetworkSet => new NetworkSet(texts.map((text) => ({ network: network(text), where: text })));

/** True when the networks share an address. Two networks are either nested or disjoint. */
const overlaps = (one: Network, other: Network): boolean => containsNetwork(one, other) || containsNetwork(other, one);

describe('NetworkSet', () => {
  const set = setOf('192.0.2.0/24', '192.0.2.128/25', '192.0.3.7', '2001:db8::/32', '::/96');

  it.each([
    ['192.0.2.0', '192.0.2.0/24'],
    ['192.0.2.255', '192.0.2.0/24'],
    ['192.0.3.7', '192.0.3.7'],
    ['192.0.3.0/24', '192.0.3.7'],
    ['192.0.0.0/16', '192.0.2.0/24'],
    ['0.0.0.0/0', '192.0.2.0/24'],
    ['2001:db8:ffff::1', '2001:db8::/32'],
    ['::/0', '::/96'],
  ])('%s touches %s', (text, found) => {
    expect(set.touching(rangeOf(network(text)))?.where).toBe(found);
  });

  it.each(['192.0.1.255', '192.0.3.0', '192.0.3.6', '192.0.3.8', '193.0.0.0/8', '2001:db9::', '::1:0:0:0', '0.0.0.1'])(
    '%s touches nothing',
    (text) => {
      expect(set.touching(rangeOf(network(text)))).toBeUndefined();
    },
  );

  it('counts its networks', () => {
    expect(set.size).toBe(5);
  });

  it('finds a network exactly when a search through all networks finds one', () => {
    // The addresses have few distinct bits, so that networks are often nested or equal.
    const some = tuple(constantFrom('10.0.0.0', '10.0.128.0', '10.0.128.7', '10.1.0.0', '2001:db8::', '2001:db8::8000'), nat(128));
    const networks = some.map(([text, prefix]): Network => networkOf(address(text), prefix));
    assert(
      property(array(networks), networks, (members, asked) => {
        const found = new NetworkSet(members.map((member) => ({ network: member, where: '' }))).touching(rangeOf(asked));
        expect(found !== undefined).toBe(members.some((member) => overlaps(member, asked)));
        expect(found === undefined || overlaps(found.network, asked)).toBe(true);
      }),
    );
  });
});
