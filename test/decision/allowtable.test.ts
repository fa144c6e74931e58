import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAllowed, parseTable } from '../../src/decision/allowtable.ts';
import { NamedNetworks, type Named } from '../../src/decision/networks.ts';
import { ConfigError } from '../../src/errors.ts';
import { spanOf } from '../../src/lib/networks/span.ts';
import { network } from '../support/decision/words.ts';
import { aNetwork } from '../support/networks/arbitrary.ts';

/** Parses the text as blocks of `size` lines. */
const parse = (text: string, size = 1000): NamedNetworks => {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const blocks = Array.from({ length: Math.ceil(lines.length / size) }, (_, index) => {
    return Buffer.from(lines.slice(index * size, (index + 1) * size).join(''));
  });
  return parseTable(blocks, text.length, 'allow.txt');
};

/** Finds the network of the set that contains each address. */
const found = (set: NamedNetworks, ...addresses: string[]): readonly (Named | undefined)[] =>
  addresses.map((address) => set.touching(spanOf(network(address))));

/** Parses the text of a table line by line, with parseNetwork alone. */
function slowly(text: string): readonly Named[] {
  const lines = (text.startsWith('\uFEFF') ? text.slice(1) : text).split('\n');
  return lines.flatMap((line, index) => {
    const content = line.replace(/#.*/s, '');
    const entry = content.trim();
    const where = `allow.txt:${index + 1}`;
    return entry === '' ? [] : { network: parseAllowed(entry, `${where}:${content.indexOf(entry) + 1}`), where };
  });
}

const faultOf = (text: string, read: (text: string) => unknown = parse): string => {
  try {
    read(text);
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.message;
    throw thrown;
  }
  return 'no fault';
};

describe('parseTable', () => {
  it('reads addresses and networks, one per line, with comments and blank lines', () => {
    const text = '# our own\n192.0.2.7\n\n  198.51.100.0/24   # the office\n\t2001:db8::/32\n::ffff:203.0.113.9\n';
    const set = parse(text);
    expect(found(set, '192.0.2.7', '198.51.100.9', '2001:db8::1', '203.0.113.9', '192.0.2.8')).toEqual([
      { network: '192.0.2.7/32', where: 'allow.txt:2' },
      { network: '198.51.100.0/24', where: 'allow.txt:4' },
      { network: '2001:db8::/32', where: 'allow.txt:5' },
      { network: '203.0.113.9/32', where: 'allow.txt:6' },
      undefined,
    ]);
    expect(set.size).toBe(4);
  });

  it.each(['', '\n\n', '#192.0.2.1\n', '\uFEFF', '\uFEFF\uFEFF', ' \t\r\n', '\u00a0\n\u2003# a comment', '#\n#'])(
    'reads %j as an empty list',
    (text) => {
      expect(parse(text).size).toBe(0);
    },
  );

  it.each([
    '\uFEFF192.0.2.7\r\n198.51.100.0/24 # office\r\n',
    '192.0.2.7\n198.51.100.0/24',
    '\u00a0192.0.2.7\u2003\n198.51.100.0/24#office',
    '192.0.2.7#\n\t198.51.100.0/24\t# # #\n',
  ])('accepts %j', (text) => {
    const networks = found(parse(text), '192.0.2.7', '198.51.100.1');
    expect(networks.map((named) => named?.network)).toEqual(['192.0.2.7/32', '198.51.100.0/24']);
    expect(networks.map((named) => named?.where)).toEqual(['allow.txt:1', 'allow.txt:2']);
  });

  it('names only the file for a line after the sixteen millionth', () => {
    const blank = Buffer.alloc(2 ** 24 - 3, '\n');
    const set = parseTable([blank, Buffer.from('192.0.2.1\n192.0.2.2\n\n192.0.2.3\n')], blank.length, 'allow.txt');
    const places = found(set, '192.0.2.1', '192.0.2.2', '192.0.2.3').map((named) => named?.where);
    expect(places).toEqual(['allow.txt:16777214', 'allow.txt', 'allow.txt']);
  });

  it('finds the networks, the places and the faults that a parser of single lines finds', () => {
    const entry = fc.oneof(
      { weight: 6, arbitrary: aNetwork.map(String) },
      {
        weight: 3,
        arbitrary: fc.constantFrom('192.0.2.7', '::ffff:192.0.2.0/120', 'fe80::1%eth0', '2001:DB8::1', '', '10.0.0.0/8'),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom('192.0.2.300', 'x', '!192.0.2.1', '192.0.2.1/24', '192.0.2.1 192.0.2.2', '\u0000', '\ufffd'),
      },
    );
    const space = fc.constantFrom('', ' ', '\t', '\r', '\u00a0', '\ufeff', '  ');
    const comment = fc.constantFrom('', '', '#', '# a # b', '#192.0.2.9');
    const line = fc.tuple(space, entry, space, comment).map((parts) => parts.join(''));
    const table = fc
      .tuple(fc.constantFrom('', '\uFEFF'), fc.array(line, { maxLength: 12 }))
      .map(([mark, all]) => mark + all.join('\n'));
    fc.assert(
      fc.property(table, fc.integer({ min: 1, max: 4 }), aNetwork, (text, size, asked) => {
        expect(faultOf(text, (all) => parse(all, size))).toBe(faultOf(text, slowly));
        fc.pre(faultOf(text, slowly) === 'no fault');
        const [set, named] = [parse(text, size), slowly(text)];
        expect(set.size).toBe(named.length);
        for (const each of [...named.map((one) => one.network), asked]) {
          expect(set.touching(spanOf(each))).toEqual(NamedNetworks.of(named).touching(spanOf(each)));
        }
      }),
      { numRuns: 1000, maxSkipsPerRun: 1000 },
    );
  });

  it.each([
    [
      '192.0.2.1\n  192.0.2.300\n',
      'allow.txt:2:3: "192.0.2.300": not an address or network, write one like 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32; host names are not looked up',
    ],
    [
      'mail.example.org',
      'allow.txt:1:1: "mail.example.org": not an address or network, write one like 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32; host names are not looked up',
    ],
    ['!192.0.2.1', 'allow.txt:1:1: "!192.0.2.1": exceptions with "!" are not supported, list the networks that remain'],
    ['192.0.2.1/24', 'allow.txt:1:1: "192.0.2.1/24": host bits set, did you mean "192.0.2.0/24"?'],
    ['192.0.2.0/33', 'allow.txt:1:1: "192.0.2.0/33": prefix length out of range'],
    [
      '14.160.0.0 /11',
      'allow.txt:1:1: "14.160.0.0 /11": not an address or network, write one like 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32; host names are not looked up',
    ],
    [
      '\u001b[2J',
      'allow.txt:1:1: "\\u{1b}[2J": not an address or network, write one like 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32; host names are not looked up',
    ],
  ])('refuses %j with its place', (text, message) => {
    expect(faultOf(text)).toBe(message);
  });
});
