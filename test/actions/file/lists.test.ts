import { describe, expect, it } from 'vitest';
import { listsOf } from '../../../src/actions/file/lists.ts';
import { network } from '../../support/actions/words.ts';

const NOW = 1_000_000;
const element = (until: number | null, longest?: number): unknown =>
  listsOf([{ network: network('192.0.2.7'), until }], { now: NOW, longest }).all[0];

describe('listsOf', () => {
  it('returns the text, first address and remaining time of a network', () => {
    expect(element(NOW + 600_000)).toEqual({
      family: 4,
      network: '192.0.2.7/32',
      text: '192.0.2.7',
      address: '192.0.2.7',
      seconds: 600,
      permanent: false,
    });
  });

  it.each([
    ['rounds the remaining time up', NOW + 1500, undefined, { seconds: 2, permanent: false }],
    ['gives a remaining time of at least a second', NOW - 5000, undefined, { seconds: 1, permanent: false }],
    ['cuts the remaining time at `longest`', NOW + 9_000_000, 3600, { seconds: 3600, permanent: false }],
    ['marks a ban without an end as permanent', null, 3600, { seconds: 0, permanent: true }],
  ])('%s', (_what, until, longest, expected) => {
    expect(element(until, longest)).toMatchObject(expected);
  });

  it('groups networks by prefix length, and gives the mask of each group', () => {
    const entries = ['192.0.2.7', '192.0.2.8', '198.51.100.0/24', '2001:db8::/64', '2001:db8::1'].map((text) => ({
      network: network(text),
      until: null,
    }));
    const { groups, hosts } = listsOf(entries, { now: NOW });
    expect(groups.map(({ elements, ...rest }) => ({ ...rest, count: elements.length }))).toEqual([
      { family: 4, v6: false, prefix: 32, host: true, mask: '255.255.255.255', any: true, count: 2 },
      { family: 4, v6: false, prefix: 24, host: false, mask: '255.255.255.0', any: true, count: 1 },
      { family: 6, v6: true, prefix: 64, host: false, mask: 'ffff:ffff:ffff:ffff::', any: true, count: 1 },
      { family: 6, v6: true, prefix: 128, host: true, mask: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', any: true, count: 1 },
    ]);
    expect(hosts.map((host) => host.address)).toEqual(['192.0.2.7', '192.0.2.8', '2001:db8::1']);
  });

  it('adds the groups of the usual prefix lengths with `usual: true`', () => {
    const { groups } = listsOf([], { now: NOW, usual: true });
    expect(groups.map((group) => [group.family, group.prefix, group.any])).toEqual([
      [4, 32, false],
      [6, 64, false],
      [6, 128, false],
    ]);
  });
});
