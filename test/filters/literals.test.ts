import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import { chooseLiterals, findLines, literalsOf } from '../../src/filters/literals.ts';
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

const lines = (text: string, needles: string[], limit = 100): { text: string; jails: readonly number[] }[] =>
  findLines(
    Buffer.from(text, 'latin1'),
    needles.map((needle, index) => ({ bytes: Buffer.from(needle), jails: [index] })),
    limit,
  ).map((line) => ({ text: line.text, jails: line.jails }));

describe('findLines', () => {
  it('finds each line once, in order, with the jails of all its needles', () => {
    expect(lines('bb aa\nnone\naa aa\n\nbb', ['aa', 'bb'])).toEqual([
      { text: 'bb aa', jails: [0, 1] },
      { text: 'aa aa', jails: [0] },
      { text: 'bb', jails: [1] },
    ]);
  });

  it.each([
    ['at the start of a batch', 'aa\nx', ['aa']],
    ['cut at the limit', `aa${'x'.repeat(200)}\naa`, [`aa${'x'.repeat(98)}`, 'aa']],
    ['without NULs before and the carriage return after it', '\0\0aa\0x\r\n', ['aa\0x']],
    ['of NULs only, and none at all', '\0\0\n\n', []],
  ])('a line %s', (_title, text, expected) => {
    expect(lines(text, ['aa']).map((line) => line.text)).toEqual(expected);
  });
});
