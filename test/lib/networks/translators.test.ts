import { describe, expect, it } from 'vitest';
import { parseNetwork, type Network } from '../../../src/lib/address.ts';
import { isTranslatorPrefix, leastPrefix, translated, Translators } from '../../../src/lib/networks/translators.ts';
import { address } from '../../support/decision/words.ts';

const network = (text: string): Network => {
  const parsed = parseNetwork(text);
  if ('fault' in parsed) throw new Error(`${text}: ${parsed.fault}`);
  return parsed.network;
};

/** The examples of RFC 6052 section 2.4: a prefix, the translated address, and the prefix length without the suffix of the address. */
const EXAMPLES = [
  ['2001:db8::/32', '2001:db8:c000:221::', 64],
  ['2001:db8:100::/40', '2001:db8:1c0:2:21::', 80],
  ['2001:db8:122::/48', '2001:db8:122:c000:2:2100::', 88],
  ['2001:db8:122:300::/56', '2001:db8:122:3c0:0:221::', 96],
  ['2001:db8:122:344::/64', '2001:db8:122:344:c0:2:2100:0', 104],
  ['2001:db8:122:344::/96', '2001:db8:122:344::c000:221', 128],
] as const;

describe('translated', () => {
  it.each(EXAMPLES)('with the prefix %s, translates 192.0.2.33 to %s', (prefix, text, length) => {
    expect(translated(network('192.0.2.33'), network(prefix))).toBe(`${text}/${length}`);
  });

  it.each([
    ['192.0.2.0/24', '64:ff9b::/96', '64:ff9b::c000:200/120'],
    ['192.0.2.128/25', '2001:db8:122::/48', '2001:db8:122:c000:2:8000::/81'],
    ['192.0.0.0/16', '2001:db8:122:300::/56', '2001:db8:122:3c0::/80'],
    ['10.0.0.0/8', '2001:db8::/32', '2001:db8:a00::/40'],
    ['0.0.0.0/0', '64:ff9b::/96', '64:ff9b::/96'],
  ])('translates the network %s with the prefix %s', (ipv4, prefix, expected) => {
    expect(translated(network(ipv4), network(prefix))).toBe(expected);
  });
});

/** Returns the IPv4 network that an IPv6 network stands for, and the prefix of the translator, such as `192.0.2.7/32 64:ff9b::/96`. */
const behind = (text: string, own: readonly string[] = []): string | undefined => {
  const found = new Translators(own.map(network)).behind(network(text));
  return found && `${found.ipv4} ${found.translator}`;
};

describe('Translators.behind', () => {
  it.each(EXAMPLES)('with the configured prefix %s, finds 192.0.2.33 in %s', (prefix, text) => {
    expect(behind(text, [prefix])).toBe(`192.0.2.33/32 ${prefix}`);
    expect(behind(text)).toBeUndefined();
  });

  it.each([
    ['64:ff9b::c000:207', '192.0.2.7/32 64:ff9b::/96'],
    ['64:ff9b::c000:200/120', '192.0.2.0/24 64:ff9b::/96'],
    ['64:ff9b:1:fffe::c000:207', '192.0.2.7/32 64:ff9b:1:fffe::/96'],
    ['64:ff9b:1:fffe::c000:200/120', '192.0.2.0/24 64:ff9b:1:fffe::/96'],
    ['64:ff9b::/96', '0.0.0.0/0 64:ff9b::/96'],
    ['64:ff9b::/64', '0.0.0.0/0 64:ff9b::/96'],
    ['::/0', '0.0.0.0/0 64:ff9b::/96'],
    ['64:ff9b:1:fffe::/64', '0.0.0.0/0 64:ff9b:1:fffe::/64'],
    ['64:ff9b:1:fffe::/96', '0.0.0.0/0 64:ff9b:1:fffe::/96'],
    ['64:ff9b:1::/48', '0.0.0.0/0 64:ff9b:1::/48'],
  ])('without a configured prefix, finds in %s the network and prefix %s', (text, expected) => {
    expect(behind(text)).toBe(expected);
  });

  it.each(['192.0.2.7', '64:ff9b:2::1', '64:ff9c::c000:207', '2001:db8::c000:207', '2002:c000:207::1', '64:ff9b:0:1::c000:207'])(
    'finds nothing in %s',
    (text) => {
      expect(behind(text)).toBeUndefined();
    },
  );

  it.each([
    ['the layout of a /48', '64:ff9b:1:c000:2:700::'],
    ['the layout of a /64', '64:ff9b:1:1:c0:2:700:0'],
    ['bits that no translator sets', '64:ff9b:1:1:100::c000:207'],
  ])('finds no IPv4 address in the local-use prefix with %s', (_title, text) => {
    expect(behind(text)).toBeUndefined();
  });

  it('uses the longest configured prefix that contains the address', () => {
    const own = ['64:ff9b:1::/48', '64:ff9b:1:fffe::/96'];
    expect(behind('64:ff9b:1:c000:2:700::', own)).toBe('192.0.2.7/32 64:ff9b:1::/48');
    expect(behind('64:ff9b:1:fffe::c000:207', own)).toBe('192.0.2.7/32 64:ff9b:1:fffe::/96');
  });

  it('ignores the bits after the IPv4 address', () => {
    expect(behind('2001:db8:122:c000:2:21ff:ffff:ffff', ['2001:db8:122::/48'])).toBe('192.0.2.33/32 2001:db8:122::/48');
  });
});

describe('Translators', () => {
  it('return the IPv6 forms of an IPv4 network with all prefixes, and the forms with configured prefixes', () => {
    const own = network('2001:db8:64::/96');
    const translators = new Translators([own]);
    expect([...translators.formsOf(network('192.0.2.7'))].toSorted()).toEqual([
      '2001:db8:64::c000:207/128',
      '64:ff9b::c000:207/128',
    ]);
    expect(translators.ownFormsOf(network('192.0.2.7'))).toEqual(['2001:db8:64::c000:207/128']);
    expect(new Translators().ownFormsOf(network('192.0.2.7'))).toEqual([]);
    expect(translators.formsOf(network('2001:db8::7'))).toEqual([]);
    expect(translators.ownFormsOf(network('2001:db8::7'))).toEqual([]);
  });
});

describe('isTranslatorPrefix', () => {
  it.each(['64:ff9b::/96', '64:ff9b:1::/48', '2001:db8::/32', '2001:db8:100::/40', '2001:db8:122:300::/56', '2001:db8::/64'])(
    'accepts %s',
    (text) => {
      expect(isTranslatorPrefix(network(text))).toBe(true);
    },
  );

  it.each(['192.0.2.0/24', '10.0.0.0/32', '2001:db8::/33', '2001:db8::/128', '2001:db8::/80', '2001:db8:0:0:100::/96'])(
    'refuses %s',
    (text) => {
      const parsed = parseNetwork(text);
      expect('network' in parsed && isTranslatorPrefix(parsed.network)).toBe(false);
    },
  );
});

describe('leastPrefix', () => {
  it.each([
    ['2001:0:cb00:7101:8000:63bf:34ff:8ef8', 128],
    ['2001::1', 128],
    ['64:ff9b:1:c000:2:700::', 128],
    ['2002:cb00:7107::1', 48],
    ['2001:db8::1', 0],
    ['2003::1', 0],
    ['2001:1::1', 0],
    ['2001:db8:1:2:0:5efe:192.0.2.7', 0],
    ['192.0.2.7', 0],
  ])('of %s is %d', (text, least) => {
    expect(leastPrefix(address(text))).toBe(least);
  });
});
