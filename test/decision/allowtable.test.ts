import { describe, expect, it } from 'vitest';
import { parseTable } from '../../src/decision/allowtable.ts';
import { ConfigError } from '../../src/errors.ts';

const faultOf = (text: string): string => {
  try {
    parseTable(text, 'allow.txt');
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.message;
    throw thrown;
  }
  return 'no fault';
};

describe('parseTable', () => {
  it('reads addresses and networks, one per line, with comments and blank lines', () => {
    const text = '# our own\n192.0.2.7\n\n  198.51.100.0/24   # the office\n\t2001:db8::/32\n::ffff:203.0.113.9\n';
    expect(parseTable(text, 'allow.txt')).toEqual([
      { network: '192.0.2.7/32', where: 'allow.txt:2' },
      { network: '198.51.100.0/24', where: 'allow.txt:4' },
      { network: '2001:db8::/32', where: 'allow.txt:5' },
      { network: '203.0.113.9/32', where: 'allow.txt:6' },
    ]);
  });

  it.each(['', '\n\n', '#192.0.2.1\n', '\uFEFF'])('reads %j as an empty list', (text) => {
    expect(parseTable(text, 'allow.txt')).toEqual([]);
  });

  it.each(['\uFEFF192.0.2.7\r\n198.51.100.0/24 # office\r\n', '192.0.2.7\n198.51.100.0/24'])('accepts %j', (text) => {
    expect(parseTable(text, 'allow.txt').map((named) => named.network)).toEqual(['192.0.2.7/32', '198.51.100.0/24']);
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
