import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { keysAt, nearest, unknownKey } from '../../../src/lib/yaml/keys.ts';

const schema = z.strictObject({
  bantime: z.string().optional(),
  jails: z.record(z.string(), z.strictObject({ maxretry: z.number().prefault(1) })).default({}),
  sources: z.array(z.union([z.string(), z.strictObject({ path: z.string() })])).nullable(),
});

describe('nearest', () => {
  it.each([
    ['bantim', 'bantime'],
    ['findtme', 'findtime'],
    ['colour', undefined],
  ])('takes %s for %s', (word, meant) => {
    expect(nearest(word, ['bantime', 'findtime'])).toBe(meant);
  });

  it('finds none among none', () => {
    expect(nearest('bantime', [])).toBeUndefined();
  });
});

describe('keysAt', () => {
  it.each([
    [[], ['bantime', 'jails', 'sources']],
    [['jails', 'any'], ['maxretry']],
    [['sources', 0], ['path']],
    [['bantime', 'x'], []],
  ])('knows the keys at %j', (path, keys) => {
    expect(keysAt(schema, path)).toEqual(keys);
  });
});

describe('unknownKey', () => {
  it.each([
    ['bantim', 'unknown key "bantim", did you mean "bantime"?'],
    ['maxretri', 'unknown key "maxretri", did you mean "maxretry" under "jails.<name>"?'],
    ['colour', 'unknown key "colour", known here: bantime, jails, sources'],
    ['\u001b[2J', 'unknown key "\\u{1b}[2J", known here: bantime, jails, sources'],
  ])('says what was meant by %j', (key, words) => {
    expect(unknownKey(key, [], schema)).toBe(words);
  });

  it('compares no word of thousands of characters', () => {
    expect(unknownKey('x'.repeat(100_000), [], schema)).toMatch(
      /^unknown key "x{256}\.\.\.", known here: bantime, jails, sources$/,
    );
  });
});
