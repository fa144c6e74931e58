import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/errors.ts';
import { degreeOf, stepsOf } from '../../../src/filters/automaton/degree.ts';
import { parsePattern } from '../../../src/filters/syntax.ts';

const degree = (pattern: string): number => degreeOf(parsePattern(pattern, (text) => new ConfigError(text)));

describe('degreeOf', () => {
  it.each([
    ['fixed text', 'abc', 1],
    ['one loop', '[^ ]*x', 1],
    ['loops that a character parts', '[^ ]* [^ ]* [^ ]* x', 1],
    ['loops of different characters', 'a*b*c*', 1],
    ['loops that can share a text', '.*.*x', 2],
    ['loops that can share a text with what parts them in it', '.*, .*, .*; x', 3],
    ['loops, of which two and two can share a text', '[a-m]*[a-z]*[n-z]*x', 3],
    ['alternatives, of which only one is taken', '(?:.*a|.*b)c', 1],
    ['bounded loops, which count like others', '.{0,254}.{1,9}x', 2],
    ['text that may be missing', '(?: from=<[^>]*>)?(?: to=<[^>]*>)?', 1],
    ['a loop in a loop', '(?:[^,]*,)*x', 1],
    ['a loop with many ways through it', '(?:a+)+x', Infinity],
    ['the same in few copies', '(?:a|a){1,30}x', Infinity],
  ])('counts the loops that can share one stretch of text: %s', (_, pattern, expected) => {
    expect(degree(pattern)).toBe(expected);
  });
});

describe('stepsOf', () => {
  it('is the number of ways to part a line', () => {
    expect(stepsOf(1, 100)).toBe(100);
    expect(stepsOf(2, 100)).toBe(5000);
    expect(stepsOf(3, 100)).toBeCloseTo(1_000_000 / 6);
    expect(stepsOf(Infinity, 100)).toBe(Infinity);
  });
});
