import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { adviceOn, keysAt, unknownKey } from '../../../src/lib/yaml/keys.ts';

const schema = z.strictObject({
  bantime: z.string().optional(),
  jails: z.record(z.string(), z.strictObject({ maxretry: z.number().prefault(1) })).default({}),
  sources: z.array(z.union([z.string(), z.strictObject({ path: z.string() })])).nullable(),
});

describe('adviceOn', () => {
  it.each([
    ['nftable', 'did you mean "nftables"?'],
    ['spamd', 'known are ipset, nftables'],
    ['nftables'.repeat(20), 'known are ipset, nftables'],
  ])('names the known word nearest to %s, or all known words', (name, words) => {
    expect(adviceOn(name, ['ipset', 'nftables'])).toBe(words);
  });

  it('reports that no word is known for an empty list', () => {
    expect(adviceOn('spamd', [])).toBe('known are none');
  });
});

describe('keysAt', () => {
  it.each([
    [[], ['bantime', 'jails', 'sources']],
    [['jails', 'any'], ['maxretry']],
    [['sources', 0], ['path']],
    [['bantime', 'x'], []],
  ])('returns the keys at %j', (path, keys) => {
    expect(keysAt(schema, path)).toEqual(keys);
  });
});

describe('unknownKey', () => {
  it.each([
    ['bantim', 'unknown key "bantim", did you mean "bantime"?'],
    ['maxretri', 'unknown key "maxretri", did you mean "maxretry" under "jails.<name>"?'],
    ['colour', 'unknown key "colour", known keys: bantime, jails, sources'],
    ['\u001b[2J', 'unknown key "\\u{1b}[2J", known keys: bantime, jails, sources'],
  ])('names the known key nearest to %j, or all known keys', (key, words) => {
    expect(unknownKey(key, [], schema)).toBe(words);
  });

  it('does not advise the key itself when another object of a union has it', () => {
    const union = z.union([z.strictObject({ path: z.string() }), z.strictObject({ containers: z.string() })]);
    expect(unknownKey('containers', [], union)).toBe('key "containers" does not belong to an entry of this type');
  });

  it('looks for no nearest key to a word of thousands of characters', () => {
    expect(unknownKey('x'.repeat(100_000), [], schema)).toMatch(
      /^unknown key "x{256}\.\.\.", known keys: bantime, jails, sources$/,
    );
  });
});
