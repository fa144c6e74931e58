import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import { chooseLiterals, literalsOf } from '../../src/filters/literals.ts';
import { parsePattern } from '../../src/filters/syntax.ts';

const runsOf = (pattern: string): readonly string[] => literalsOf(parsePattern(pattern, (text) => new ConfigError(text)));

describe('literalsOf', () => {
  it.each([
    ['^abc def$', ['abc def']],
    ['^abc[0-9]+def', ['abc', 'def']],
    ['abc(?<name>def)ghi', ['abcdefghi']],
    ['abc(?:def|xyz)ghi', ['abc', 'ghi']],
    ['abc(?:def)?ghi', ['abc', 'ghi']],
    ['abc(?:def)+ghi', ['abc', 'def', 'ghi']],
    ['ab+cde', ['cde']],
    ['a\\.b\\[c[x]d', ['a.b[cxd']],
    ['[ab]c.', []],
  ])('of %s are the runs that every match contains', (pattern, runs) => {
    expect(runsOf(pattern)).toEqual(runs);
  });
});

const choose = (patterns: string[], words: string[] = []): readonly string[] => chooseLiterals(patterns.map(runsOf), words);

describe('chooseLiterals', () => {
  it('takes the longest text that all patterns share', () => {
    expect(
      choose(['^x: Sender address triggers trap', '^y: Helo command triggers trap.*more', '^.*Client host triggers trap']),
    ).toEqual([' triggers trap']);
  });

  it('takes one for each pattern that shares too little', () => {
    expect(choose(['first words', 'second text', '.first words!'])).toEqual(['first words', 'second text']);
  });

  it('prefers the text that holds a word of the settings', () => {
    expect(choose(['a very long text indeed.trapword'], ['trapword'])).toEqual(['trapword']);
  });
});
