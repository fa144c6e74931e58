import { describe, expect, it } from 'vitest';
import { NamedNetworks } from '../../src/decision/networks.ts';
import { spanOf } from '../../src/lib/networks/span.ts';
import { network } from '../support/decision/words.ts';

const setOf = (...texts: string[]): NamedNetworks =>
  NamedNetworks.of(texts.map((text, index) => ({ network: network(text), where: `list:${index + 1}` })));

describe('NamedNetworks', () => {
  const set = setOf('192.0.2.0/24', '192.0.2.128/25', '192.0.3.7', '2001:db8::/32', '::/96', '192.0.3.7');

  it.each([
    ['192.0.2.0', '192.0.2.0/24', 1],
    ['192.0.2.255', '192.0.2.0/24', 1],
    ['192.0.3.7', '192.0.3.7/32', 3],
    ['192.0.3.0/24', '192.0.3.7/32', 3],
    ['192.0.0.0/16', '192.0.2.0/24', 1],
    ['0.0.0.0/0', '192.0.2.0/24', 1],
    ['2001:db8:ffff::1', '2001:db8::/32', 4],
    ['::/0', '::/96', 5],
  ])('%s touches %s of line %d', (text, found, line) => {
    expect(set.touching(spanOf(network(text)))).toEqual({ network: found, where: `list:${line}` });
  });

  it.each(['192.0.1.255', '192.0.3.0', '192.0.3.6', '192.0.3.8', '193.0.0.0/8', '2001:db9::', '::1:0:0:0', '0.0.0.1'])(
    '%s touches nothing',
    (text) => {
      expect(set.touching(spanOf(network(text)))).toBeUndefined();
    },
  );

  it('counts its networks as they are written', () => {
    expect(set.size).toBe(6);
  });
});
