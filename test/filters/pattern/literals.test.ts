import { describe, expect, it } from 'vitest';
import { chooseLiterals, literalsOf } from '../../../src/filters/pattern/literals.ts';
import { parsed } from '../../support/filters/patterns.ts';

const runsOf = (pattern: string): readonly string[] => literalsOf(parsed(pattern));

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
  ])('returns for %s the texts that every match contains', (pattern, runs) => {
    expect(runsOf(pattern)).toEqual(runs);
  });
});

const choose = (patterns: string[], words: string[] = []): readonly string[] => chooseLiterals(patterns.map(runsOf), words);

describe('chooseLiterals', () => {
  it('chooses the longest text that all patterns share', () => {
    expect(
      choose(['^x: Sender address triggers trap', '^y: Helo command triggers trap.*more', '^.*Client host triggers trap']),
    ).toEqual([' triggers trap']);
  });

  it('chooses a text that two patterns share if it has eight characters or more', () => {
    expect(choose(['.12345678.first words', '.12345678.other text'])).toEqual(['12345678']);
    expect(choose(['.1234567.first words', '.1234567.other text'])).toEqual(['first words', 'other text']);
  });

  it('prefers a text that all patterns share to a longer text that only some patterns share', () => {
    expect(choose(['.long shared text.12345678', '.long shared text.12345678', '.12345678.other'])).toEqual(['12345678']);
  });

  it('groups only patterns that share a text', () => {
    expect(choose(['first words of one', '.second text', '.first words of two'])).toEqual(['first words of ', 'second text']);
  });

  it('chooses no text of fewer than three characters', () => {
    expect(runsOf('ab.abc.')).toEqual(['abc']);
  });

  it('chooses a separate text for each pattern that shares too little', () => {
    expect(choose(['first words', 'second text', '.first words!'])).toEqual(['first words', 'second text']);
  });

  it('prefers a text that contains a word of the settings', () => {
    expect(choose(['a very long text indeed.trapword'], ['trapword'])).toEqual(['trapword']);
  });
});
