import { describe, expect, it } from 'vitest';
import { nearest } from '../../../src/lib/text/nearest.ts';

describe('nearest', () => {
  it.each([
    ['bantim', 'bantime'],
    ['findtme', 'findtime'],
    ['find', 'findtime'],
    ['fi', undefined],
    ['pfs', 'pf'],
    ['pgs', undefined],
    ['colour', undefined],
  ])('of %s is %s', (word, meant) => {
    expect(nearest(word, ['bantime', 'findtime', 'pf'])).toBe(meant);
  });

  it('returns the only word that begins with the given text, whatever its length', () => {
    const known = ['nftables', 'iptables', 'iptree'];
    expect(nearest('nft', known)).toBe('nftables');
    expect(nearest('nf', known)).toBeUndefined();
    expect(nearest('ipt', known)).toBeUndefined();
  });

  it('returns undefined for an empty list', () => {
    expect(nearest('bantime', [])).toBeUndefined();
  });

  it('returns undefined for a word that is too long to be compared', () => {
    expect(nearest('bantime'.repeat(20), ['bantime'])).toBeUndefined();
  });

  it('allows the given number of different letters', () => {
    expect(nearest('list', ['test'])).toBe('test');
    expect(nearest('list', ['test'], 1)).toBeUndefined();
  });
});
