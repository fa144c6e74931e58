import * as fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import {
  containsNetwork,
  formatNetwork,
  networkFaultText,
  networkOf,
  networkOfBytes,
  networkOfWords,
  parseAddress,
  parseNetwork,
  rangeOf,
  type Address,
  type Network,
} from '../../src/lib/address.ts';

const network = (text: string): Network => {
  const parsed = parseNetwork(text);
  if ('fault' in parsed) throw new Error(`${text}: ${parsed.fault}`);
  return parsed.network;
};

describe('parseAddress', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['0.0.0.0', '0.0.0.0'],
    ['2001:DB8:0:0::1', '2001:db8::1'],
    ['2001:db8::1:25', '2001:db8::1:25'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::ffff:c000:207', '192.0.2.7'],
    ['::', '::'],
    ['fe80::2', 'fe80::2'],
    ['fe80::1%eth0', 'fe80::1'],
    ['fe80::AB%br-3f.100', 'fe80::ab'],
    ['febf::1%1', 'febf::1'],
    ['fe80::1%abcdefghijklmno', 'fe80::1'],
  ])('reads %s as %s', (text, canonical) => {
    expect(parseAddress(text)).toBe(canonical);
  });

  it.each([
    '',
    'unknown',
    '999.1.1.1',
    '1.2.3',
    '1.2.3.4.',
    '1.2.3.4.5',
    '01.2.3.4',
    '0x7f.0.0.1',
    '2130706433',
    '1.2.3.4 ',
    ' 1.2.3.4',
    '1.2.3.4\n',
    '192.0.2.1; id',
    '-s',
    'fe80::2%',
    'fe80::2%eth 0',
    'fe80::2%../eth0',
    'fe80::2%eth0%eth1',
    'fe80::2%abcdefghijklmnop',
    'fec0::2%eth0',
    'fe00::2%eth0',
    '2001:db8::1%eth0',
    '::ffff:169.254.0.1%eth0',
    '169.254.0.1%eth0',
    '%eth0',
    '2001:db8:::1',
    '1::2::3',
    ':',
    '::1/128',
    '١.٢.٣.٤',
    '192.0.',
  ])('refuses %j', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });
});

describe('parseNetwork', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7/32'],
    ['192.0.2.0/24', '192.0.2.0/24'],
    ['14.160.0.0/11', '14.160.0.0/11'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['192.0.2.7/32', '192.0.2.7/32'],
    ['2001:db8::1/128', '2001:db8::1/128'],
    ['::/0', '::/0'],
    ['2001:db8::/32', '2001:db8::/32'],
    ['2001:db8::1', '2001:db8::1/128'],
    ['::ffff:192.0.2.0/120', '192.0.2.0/24'],
    ['fe80::1%eth0', 'fe80::1/128'],
    ['fe80::%eth0/64', 'fe80::/64'],
  ])('reads %s as %s', (text, canonical) => {
    expect(parseNetwork(text)).toEqual({ network: canonical });
  });

  it.each([
    ['192.0.2.7/24', { fault: 'host bits set', nearest: '192.0.2.0/24' }],
    ['2001:db8::1/64', { fault: 'host bits set', nearest: '2001:db8::/64' }],
    ['192.0.2.0/33', { fault: 'prefix length out of range' }],
    ['2001:db8::/129', { fault: 'prefix length out of range' }],
    ['::ffff:192.0.2.0/24', { fault: 'prefix length out of range' }],
    ['192.0.2.0/', { fault: 'not an address or network' }],
    ['192.0.2.0/08', { fault: 'not an address or network' }],
    ['192.0.2.0/24/3', { fault: 'not an address or network' }],
    ['example.org', { fault: 'not an address or network' }],
  ])('refuses %s', (text, outcome) => {
    expect(parseNetwork(text)).toEqual(outcome);
  });
});

describe('networkFaultText', () => {
  it.each([
    ['192.0.2.7/24', '"192.0.2.7/24": host bits set, did you mean "192.0.2.0/24"?'],
    ['192.0.2.0/33', '"192.0.2.0/33": prefix length out of range'],
    ['-s\u001b[2J', '"-s\\u{1b}[2J": not an address or network'],
  ])('describes the fault of %j', (text, words) => {
    const parsed = parseNetwork(text);
    expect('fault' in parsed && networkFaultText(text, parsed)).toBe(words);
  });
});

describe('a network', () => {
  it('is made from an address without its host bits, with the prefix length of a host if the given length is too long', () => {
    expect(networkOf('2001:db8:1:2:3::4' as Address, 64)).toBe('2001:db8:1:2::/64');
    expect(networkOf('203.0.113.77' as Address, 26)).toBe('203.0.113.64/26');
    expect(networkOf('203.0.113.77' as Address, 64)).toBe('203.0.113.77/32');
  });

  it('is written without the prefix length if it is a single host', () => {
    expect(formatNetwork(network('192.0.2.7'))).toBe('192.0.2.7');
    expect(formatNetwork(network('192.0.2.0/24'))).toBe('192.0.2.0/24');
  });

  it('contains only networks of its address family inside its prefix', () => {
    expect(containsNetwork(network('192.0.2.0/24'), network('192.0.2.7'))).toBe(true);
    expect(containsNetwork(network('192.0.2.7'), network('192.0.2.0/24'))).toBe(false);
    expect(containsNetwork(network('192.0.2.0'), network('192.0.2.0/24'))).toBe(false);
    expect(containsNetwork(network('192.0.2.0/24'), network('192.0.2.0/24'))).toBe(true);
    expect(containsNetwork(network('0.0.0.0/0'), network('::1'))).toBe(false);
    expect(containsNetwork(network('192.0.2.0/25'), network('192.0.2.128/25'))).toBe(false);
    expect(containsNetwork(network('192.0.2.0/24'), network('192.0.2.0/24'))).toBe(true);
  });

  it('has a range whose texts sort in the order of addresses', () => {
    expect(rangeOf(network('192.0.2.0/25'))).toEqual({
      first: `4${'c0000200'.padStart(32, '0')}`,
      last: `4${'c000027f'.padStart(32, '0')}`,
    });
    expect(rangeOf(network('2001:db8::/32'))).toEqual({
      first: '620010db8000000000000000000000000',
      last: '620010db8ffffffffffffffffffffffff',
    });
  });
});

describe('networkOfWords', () => {
  const words = fc.oneof(
    ...[1, 4].map((length) =>
      fc.array(fc.oneof(fc.nat(0xffff_ffff), fc.constantFrom(0, 1, 0xffff, 0x1_0000)), { minLength: length, maxLength: length }),
    ),
  );

  it('is the network of the bytes of these words, as the package ipaddr.js writes it', () => {
    fc.assert(
      fc.property(words, fc.nat(128), (numbers, length) => {
        const prefix = length % (numbers.length * 32 + 1);
        const family = numbers.length === 1 ? 4 : 6;
        const bytes = numbers.flatMap((word) => [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255]);
        expect(networkOfWords(family, new Uint32Array([7, ...numbers, 7]), prefix, 1)).toBe(networkOfBytes(bytes, prefix));
        const whole = ipaddr.fromByteArray(bytes);
        const text = whole instanceof ipaddr.IPv6 ? whole.toRFC5952String() : whole.toString();
        expect(networkOfWords(family, new Uint32Array(numbers), bytes.length * 8)).toBe(`${text}/${bytes.length * 8}`);
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    [4, 33],
    [4, -1],
    [4, NaN],
    [6, 129],
  ] as const)('throws for IPv%d and the prefix length %d', (family, length) => {
    expect(() => networkOfWords(family, new Uint32Array(4), length)).toThrow(RangeError);
  });
});
