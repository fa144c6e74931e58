import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../../src/errors.ts';
import { checkTime, type TimeFault } from '../../../../src/filters/pattern/automaton/check.ts';
import { parsePattern } from '../../../../src/filters/pattern/syntax.ts';

const timeOf = (pattern: string): ReturnType<typeof checkTime> => checkTime(parsePattern(pattern, (text) => new ConfigError(text)));

const faultOf = (pattern: string): TimeFault | undefined => timeOf(pattern).fault;

describe('a loop that can match one text in exponentially many ways', () => {
  it.each([
    '(a+)+$',
    '(a*)*',
    '(a|a)*b',
    '(a|aa)+$',
    '(a|b|ab)*c',
    '([a-z]|[x-z])+!',
    '(a|a?)+$',
    '(\\w+\\s?)*$',
    '^([a-zA-Z0-9_.-]+)*@',
    '(.*a){20}',
    '(.*,)*x',
    '(?:a?b?)*c',
    '(?:x(?:|)y)*z',
    '((a{1,300})b?)*c',
    '(?:(?:ab)*(?:ba)*)*c',
    '^(([a-z])+.)+[A-Z]([a-z])+$',
    '^"(?:[^"]|\\\\.)*"$',
  ])('is found in %s', (pattern) => {
    expect(faultOf(pattern)?.kind).toBe('exponential');
  });

  it('is reported with its place', () => {
    expect(faultOf('^abc [0-9]+ (?:x+)+$')).toEqual({ offset: 15, kind: 'exponential' });
  });
});

describe('a pattern without an exponential loop', () => {
  it.each([
    'abc',
    'a*b*c*',
    '.*.*x',
    '(?:[A-Za-z0-9_.-]+/)*',
    '(?:[A-Za-z0-9_.-]{0,64}/){1,8}smtpd',
    '"(?:[^"\\\\]|\\\\.)*"',
    '([^"]|"[^"]*")*!',
    '(?:a|b|cd)*',
    '(?:ab?)*c',
    '(?:[0-9]{1,3}\\.){3}[0-9]{1,3}',
    '(?:[0-9a-f]{2})+',
    '(?:(?:ab)?)*',
    '(?:.*,){2}x',
    '(?:a?){3}',
    '(?:[^ ]+ )*[^ ]+',
    '(?:%[0-9A-F]{2}|[a-z])*',
    '(?:a*b)*',
    '(?:^a)*b',
  ])('is accepted: %s', (pattern) => {
    expect(faultOf(pattern)).toBeUndefined();
  });

  it('is refused when it has too many transitions between its states', () => {
    expect(faultOf(`abc${'a?'.repeat(3900)}`)).toEqual({ offset: 0, kind: 'too large' });
    expect(faultOf(`abc(?:${'a?,?'.repeat(1900)})*`)).toEqual({ offset: 3, kind: 'too large' });
    expect(faultOf(`abc${'a?'.repeat(900)}`)).toBeUndefined();
  });

  it('is refused when it is too large to be searched', () => {
    expect(faultOf('(?:[a-z][0-9]?x){21}'.repeat(80))?.kind).toBe('too large');
    expect(faultOf(`(?:${'abcdefgh'.repeat(60)})*`)?.kind).toBe('too large');
  });
});

describe('the degree of a pattern', () => {
  it.each([
    ['fixed text', 'abc', 1],
    ['one loop', '[^ ]*x', 1],
    ['loops with a character between them', '[^ ]* [^ ]* [^ ]* x', 1],
    ['loops of different characters', 'a*b*c*', 1],
    ['loops that can share a text', '.*.*x', 2],
    ['loops that can share a text that includes the text between them', '.*, .*, .*; x', 3],
    ['two pairs of loops that can share a text', '[a-m]*[a-z]*[n-z]*x', 3],
    ['alternative loops', '(?:.*a|.*b)c', 1],
    ['bounded loops, which count like unbounded loops', '.{0,254}.{1,9}x', 2],
    ['an optional text', '(?: from=<[^>]*>)?(?: to=<[^>]*>)?', 1],
    ['a loop in a loop', '(?:[^,]*,)*x', 1],
    ['a loop with many ways through it', '(?:a+)+x', Infinity],
    ['a bounded loop with two ways through it', '(?:a|a){1,30}x', Infinity],
  ])('counts the loops that can share one stretch of text: %s', (_, pattern, expected) => {
    expect(timeOf(pattern).degree).toBe(expected);
  });
});

/** A loop of `size` states. */
const loop = (size: number): string => `(?:[a-z]{1,65}${'b'.repeat(size - 1)})*`;

describe('the limits of the search', () => {
  it('are 400 states in one loop', () => {
    // A loop of 400 states is searched. A loop of 401 states is refused without a search.
    expect(faultOf(loop(400))?.kind).not.toBe('too large');
    expect(faultOf(loop(401))?.kind).toBe('too large');
  });

  it('are 4000 states in all', () => {
    expect(faultOf('a'.repeat(4000))).toBeUndefined();
    expect(faultOf('a'.repeat(4001))).toEqual({ offset: 0, kind: 'too large' });
  });

  it('are 64 characters in copies of a repetition', () => {
    // Up to the limit the repetition becomes copies, which are no loop. Above the limit it counts as an endless repetition.
    expect(faultOf('(?:a|a){1,32}')).toBeUndefined();
    expect(faultOf('(?:a|a){1,33}')?.kind).toBe('exponential');
  });

  it('are three copies of a body with a loop', () => {
    expect(faultOf('(?:.*a){3}')).toBeUndefined();
    expect(faultOf('(?:.*a){4}')?.kind).toBe('exponential');
  });

  it('give a refused pattern the degree Infinity', () => {
    expect(timeOf('(?:a+)+x')).toEqual({ fault: { offset: 3, kind: 'exponential' }, degree: Infinity });
  });
});
