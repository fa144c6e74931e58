import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { networkOfWords, parseNetwork, type Network } from '../../../src/lib/address.ts';
import { NetworkScanner, spanOf } from '../../../src/lib/networks/span.ts';
import { aNetwork } from '../../support/networks/arbitrary.ts';

/** The text in the middle of other bytes. The scan may not read these. */
const scan = (text: string, around = ['1', '1']): Network | undefined => {
  const bytes = Buffer.from(text);
  const [before = '', after = ''] = around;
  const scanner = new NetworkScanner();
  const isRead = scanner.scan(Buffer.from(`${before}${text}${after}`), before.length, before.length + bytes.length);
  return isRead ? networkOfWords(scanner.family, scanner.words, scanner.prefix) : undefined;
};

const parsed = (text: string): Network | undefined => {
  const found = parseNetwork(text);
  return 'network' in found ? found.network : undefined;
};

describe('NetworkScanner', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7/32'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['255.255.255.255/32', '255.255.255.255/32'],
    ['14.160.0.0/11', '14.160.0.0/11'],
    ['::', '::/128'],
    ['::/0', '::/0'],
    ['1::', '1::/128'],
    ['2001:DB8:0:0::1', '2001:db8::1/128'],
    ['2001:0db8::/32', '2001:db8::/32'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8/128'],
    ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8/128'],
    ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128'],
  ])('reads %s as %s', (text, network) => {
    expect(scan(text)).toBe(network);
    expect(parsed(text)).toBe(network);
  });

  it.each(
    [
      ['', '1.2.3', '1.2.3.4.', '01.2.3.4', '1.2.3.256', '1.2.3.1000', '1.2.3.4/', '1.2.3.4/032', '1.2.3.4/33', '1.2.3.4/31 '],
      [
        '1.2.3.1/24',
        '128.0.0.0/0',
        ' 1.2.3.4',
        '1..2.3',
        '1.2.3.4/-1',
        '1.2.3.4/3200',
        ':',
        ':::',
        '::1::',
        '1::2::3',
        '1:2:3:4:5:6:7',
      ],
      ['1:2:3:4:5:6:7:8:9', '1:2:3:4::5:6:7:8', ':1:2:3:4:5:6:7', '1:2:3:4:5:6:7:', '12345::', '::g', '::/129', '::1/127', '1::/0'],
      ['2001:db8::1/64', '::/', '::%eth0'],
    ].flat(),
  )('refuses %j', (text) => {
    expect(scan(text)).toBeUndefined();
    expect(parsed(text)).toBeUndefined();
  });

  it.each(['::ffff:192.0.2.0/120', '::ffff:c000:207', '::192.0.2.7', 'fe80::1%eth0'])('leaves %s to parseNetwork', (text) => {
    expect(scan(text)).toBeUndefined();
    expect(parsed(text)).toBeDefined();
  });

  it('reads no byte outside of the given bytes', () => {
    expect(scan('192.0.2.7', ['1', '/8'])).toBe('192.0.2.7/32');
    expect(scan('192.0.2.0/2', ['', '4'])).toBeUndefined();
    expect(scan('2001:db8::', ['f', ':1'])).toBe('2001:db8::/128');
    expect(scan('2001:db8:', ['', ':'])).toBeUndefined();
    expect(scan('1:2:3:4:5:6:7', ['', ':8'])).toBeUndefined();
  });

  it('agrees with parseNetwork on every text that it reads, and reads every text without zone and embedded IPv4 that parseNetwork reads', () => {
    const address = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      aNetwork.map((network) => network.replace(/\/.*/, '')),
    );
    const text = fc.oneof(
      { weight: 2, arbitrary: aNetwork },
      fc.tuple(address, fc.oneof(fc.nat(130).map(String), fc.stringMatching(/^[0-9]{0,4}$/))).map((parts) => parts.join('/')),
      address.map((one) => one.toUpperCase()),
      address.map((one) => one.replace(/:(?=[0-9a-f]{1,3}(?::|$))/g, ':0')),
      fc.stringMatching(/^[0-9a-fA-F.:/%]{0,50}$/),
      fc.stringMatching(/^(?:[0-9a-f]{0,5}:){1,9}[0-9a-f]{0,5}(?:\/[0-9]{1,3})?$/),
      fc.stringMatching(/^[0-9]{1,4}(?:\.[0-9]{1,4}){2,4}(?:\/[0-9]{1,3})?$/),
      fc.string({ unit: 'binary', maxLength: 50 }),
    );
    fc.assert(
      fc.property(text, (written) => {
        const found = scan(written);
        const expected = parsed(written);
        const isRare = /%|:.*\./.test(written) || (expected?.includes('.') && written.includes(':')) || written.length > 43;
        expect(found).toBe(found === undefined && isRare ? undefined : expected);
      }),
      { numRuns: 5000 },
    );
  });
});

describe('spanOf', () => {
  it('has the words of the first address', () => {
    expect(spanOf('192.0.2.0/24' as Network)).toEqual({ family: 4, words: new Uint32Array([0xc000_0200]), prefix: 24 });
    const words = new Uint32Array([0x2001_0db8, 0, 0, 0]);
    expect(spanOf('2001:db8::/32' as Network)).toEqual({ family: 6, words, prefix: 32 });
  });

  it('can be turned into the network again', () => {
    fc.assert(
      fc.property(aNetwork, (network) => {
        const { family, words, prefix } = spanOf(network);
        expect(networkOfWords(family, words, prefix)).toBe(network);
      }),
      { numRuns: 1000 },
    );
  });

  it('is not changed by the next network', () => {
    const one = spanOf('192.0.2.7/32' as Network);
    spanOf('192.0.2.8/32' as Network);
    expect(one.words[0]).toBe(0xc000_0207);
  });

  it.each(['192.0.2.1/24', 'x', '::ffff:192.0.2.1/128', '1'.repeat(100)])('throws for %s, which is not canonical', (text) => {
    expect(() => spanOf(text as Network)).toThrow(RangeError);
  });
});
