import { describe, expect, it } from 'vitest';
import { readListing } from '../../../src/actions/file/listing.ts';
import { ActionError } from '../../../src/errors.ts';

describe('readListing', () => {
  it('returns the network that the group of a pattern finds in each line, in canonical form', () => {
    const output = 'add a 192.0.2.7 timeout 5\nadd a 198.51.100.0/24\nadd a 2001:DB8:0:0::1\nadd a eth0\n';
    expect(readListing(output, '^add a (\\S+)')).toEqual(['192.0.2.7/32', '198.51.100.0/24', '2001:db8::1/128']);
  });

  it('reads the nft sets whose names have a prefix length and to which a rule refers', () => {
    const output = JSON.stringify({
      nftables: [
        { metainfo: {} },
        { set: { name: 'ipv4_24', elem: ['192.0.2.0', { elem: { val: '198.51.100.0', timeout: 5 } }] } },
        { set: { name: 'ipv6_64', elem: ['2001:db8::'] } },
        { set: { name: 'ipv4_32' } },
        { set: { name: 'other', elem: ['192.0.2.9'] } },
        { rule: { expr: [{ match: { right: '@ipv4_24' } }, { match: { right: '@other' } }] } },
      ],
    });
    expect(readListing(output, 'nft-json')).toEqual(['192.0.2.0/24', '198.51.100.0/24']);
    expect(readListing('', 'nft-json')).toEqual([]);
    expect(() => readListing('{', 'nft-json')).toThrow(ActionError);
  });

  it.each(['"dormant"', '["dormant"]', '"inet"'])('finds no network in a table whose chains are switched off: %s', (flags) => {
    const table = `{"table": {"family": "inet", "name": "trapline", "flags": ${flags}}}`;
    const sets = '{"set": {"name": "ipv4_32", "elem": ["192.0.2.7"]}}, {"rule": {"expr": "@ipv4_32"}}';
    expect(readListing(`{"nftables": [${table}, ${sets}]}`, 'nft-json')).toEqual([]);
    expect(readListing(`{"nftables": [${table.replace(/, "flags".*/, '}}')}, ${sets}]}`, 'nft-json')).toEqual(['192.0.2.7/32']);
  });

  it.each([
    'null',
    '7',
    '[]',
    '{"nftables": null}',
    '{"nftables": {"set": 1}}',
    '{"nftables": [null, 7, "set", [], {"set": null}, {"rule": null}, {"set": {"name": 1, "elem": ["192.0.2.9"]}}]}',
    '{"nftables": [{"set": {"name": "ipv4_32", "elem": {"val": "192.0.2.9"}}}, {"rule": {"expr": "@ipv4_32"}}]}',
  ])('finds no network in a listing that nft never prints: %s', (output) => {
    expect(readListing(output, 'nft-json')).toEqual([]);
  });

  it('reads the elements of a set, and ignores null and other values that are no elements', () => {
    const elements =
      '[null, 7, [], {}, {"elem": null}, {"elem": {"val": null}}, {"elem": {"val": ["192.0.2.9"]}}, "192.0.2.7", "x"]';
    const output = `{"nftables": [null, {"set": {"name": "ipv4_32", "elem": ${elements}}}, {"rule": {"expr": [null, "@ipv4_32"]}}]}`;
    expect(readListing(output, 'nft-json')).toEqual(['192.0.2.7/32']);
  });
});
