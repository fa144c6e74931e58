import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/errors.ts';
import { findAmbiguity } from '../../../src/filters/automaton/ambiguity.ts';
import { parsePattern } from '../../../src/filters/syntax.ts';

const ambiguityOf = (pattern: string): ReturnType<typeof findAmbiguity> =>
  findAmbiguity(parsePattern(pattern, (text) => new ConfigError(text)));

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
    expect(ambiguityOf(pattern)?.kind).toBe('exponential');
  });

  it('is told by its place', () => {
    expect(ambiguityOf('^abc [0-9]+ (?:x+)+$')).toEqual({ offset: 15, kind: 'exponential' });
  });
});

describe('a pattern without such a loop', () => {
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
  ])('is let through: %s', (pattern) => {
    expect(ambiguityOf(pattern)).toBeUndefined();
  });

  it('is refused when it is too large to be searched', () => {
    expect(ambiguityOf('(?:[a-z][0-9]?x){21}'.repeat(80))?.kind).toBe('too large');
    expect(ambiguityOf(`(?:${'abcdefgh'.repeat(60)})*`)?.kind).toBe('too large');
  });
});
