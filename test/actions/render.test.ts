import { describe, expect, it } from 'vitest';
import { fill, listsOf, namesIn } from '../../src/actions/render.ts';
import { network } from '../support/actions-words.ts';

const NOW = 1_000_000;
const element = (until: number | null, longest?: number): unknown =>
  listsOf([{ network: network('192.0.2.7'), until }], { now: NOW, longest }).all[0];

describe('listsOf', () => {
  it('shows a network with its text, its first address and its remaining time', () => {
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
    ['rounds up', NOW + 1500, undefined, { seconds: 2, permanent: false }],
    ['gives at least a second', NOW - 5000, undefined, { seconds: 1, permanent: false }],
    ['cuts at the longest', NOW + 9_000_000, 3600, { seconds: 3600, permanent: false }],
    ['knows bans for ever', null, 3600, { seconds: 0, permanent: true }],
  ])('%s', (_what, until, longest, expected) => {
    expect(element(until, longest)).toMatchObject(expected);
  });

  it('groups by prefix length, with the mask', () => {
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

  it('adds the usual groups when asked', () => {
    const { groups } = listsOf([], { now: NOW, usual: true });
    expect(groups.map((group) => [group.family, group.prefix, group.any])).toEqual([
      [4, 32, false],
      [6, 64, false],
      [6, 128, false],
    ]);
  });
});

describe('fill', () => {
  it('fills in values as they are, and parts by name', () => {
    expect(fill('{{a}} {{> two}}{{#list}}[{{x}}]{{/list}}', { a: '<&>', list: [{ x: 1 }, { x: 2 }] }, { two: '{{a}}!' })).toBe(
      '<&> <&>![1][2]',
    );
  });
});

describe('namesIn', () => {
  it('finds names, also inside sections', () => {
    expect(namesIn('{{a}}{{#b}}{{^c}}{{> d}}{{/c}}{{/b}}{{! e }}')).toEqual([
      { name: 'a', part: false },
      { name: 'b', part: false },
      { name: 'c', part: false },
      { name: 'd', part: true },
    ]);
  });

  it.each([['{{#a}}'], ['{{a'], ['{{{a}}}'], ['{{&a}}'], ['{{=<% %>=}}']])('refuses %s', (template) => {
    expect(() => namesIn(template)).toThrow(Error);
  });
});
