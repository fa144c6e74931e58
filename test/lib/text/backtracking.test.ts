import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { repeatedGroup } from '../../../src/lib/text/backtracking.ts';

describe('repeatedGroup', () => {
  it.each([
    ['^(a+)+$', '(a+)+'],
    ['x(?:a*)*y', '(?:a*)*'],
    ['(a|ab)*c', '(a|ab)*'],
    ['(aa?)+', '(aa?)+'],
    ['(?:x(?<word>a+)y){2,}', '(?:x(?<word>a+)y){2,}'],
    ['(a+){20}', '(a+){20}'],
    ['((a|b))*', '((a|b))*'],
    ['(a{1,3})+?', '(a{1,3})+'],
    ['([)]+)+', '([)]+)+'],
    [String.raw`(\)+)+`, String.raw`(\)+)+`],
    ['((?=a+)b)*', '((?=a+)b)*'],
  ])('finds in %s the repeated group %s', (pattern, group) => {
    expect(repeatedGroup(pattern)).toBe(group);
  });

  it.each([
    String.raw`^add \S+ (\S+)`,
    String.raw`^anchor "trapline(/\*)?"`,
    '(ab)+',
    '(?:[0-9a-f]{2}:){5}[0-9a-f]{2}',
    '(?:a+)?b(a|b){1}(a+){0,1}',
    '[(+)+]+',
    String.raw`\(a+\)+`,
    'a{b+}+',
    '',
  ])('finds no repeated group in %s', (pattern) => {
    expect(repeatedGroup(pattern)).toBeUndefined();
  });

  it('finds no repeated group in the patterns of the shipped actions', () => {
    const patterns = readdirSync('actions').flatMap((name) =>
      [...readFileSync(`actions/${name}`, 'utf8').matchAll(/^\s+(?:parse|ignore|expect|ended): '?(.+?)'?$/gm)].map(
        ([, pattern]) => pattern ?? '',
      ),
    );
    expect(patterns.length).toBeGreaterThan(10);
    expect(patterns.map((pattern) => repeatedGroup(pattern))).toEqual(patterns.map(() => undefined));
  });
});
