import { describe, expect, it } from 'vitest';
import { ALL, charactersOf, movedTo, onlyCharacter, textAt, type Piece } from '../../../src/filters/pattern/syntax.ts';
import { parsed } from '../../support/filters/patterns.ts';

/** The set of the characters that a pattern for one character matches. */
function setOf(pattern: string): bigint {
  const row = parsed(pattern);
  const one = row.kind === 'row' ? row.pieces[0] : undefined;
  return one?.kind === 'one' ? one.of : -1n;
}

const every = (test: RegExp): bigint =>
  charactersOf(
    [...Array(256).keys()]
      .map((code) => String.fromCharCode(code))
      .filter((text) => test.test(text))
      .join(''),
  );

describe('the characters of a set', () => {
  it.each([
    '.',
    '[^]',
    'a',
    '\\.',
    '[a-f]',
    '[^a-f]',
    '\\d',
    '\\D',
    '\\w',
    '\\W',
    '\\s',
    '\\S',
    '[\\d.-]',
    '[^\\s<>]',
    '\\x85',
    '[\\0-\\xff]',
    '\\t',
    '\\cA',
    '\\u0041',
    '[\\b]',
  ])('are those that the regular expression engine accepts: %s', (pattern) => {
    expect(setOf(pattern)).toBe(every(new RegExp(`^(?:${pattern})$`, 's')));
  });

  it('include no character above 255', () => {
    expect(setOf('\\u0100')).toBe(0n);
    expect(setOf('[\\xf0-\\u2000]')).toBe(setOf('[\\xf0-\\xff]'));
    expect(setOf('[\\u0100-\\u2000]')).toBe(0n);
  });
});

describe('onlyCharacter', () => {
  it.each([
    [charactersOf('a'), 'a'],
    [charactersOf('\0'), '\0'],
    [charactersOf('\xff'), '\xff'],
    [charactersOf('ab'), undefined],
    [0n, undefined],
    [ALL, undefined],
  ])('returns for %s: %j', (set, expected) => {
    expect(onlyCharacter(set)).toBe(expected);
  });
});

/** A pattern with groups inside groups, and parentheses that open no group. */
function nested(levels: number): string {
  return `\\([(((]${'('.repeat(levels)}a${')'.repeat(levels)}`;
}

describe('parsePattern', () => {
  it('parses rows, choices, repetitions, groups and edges, with their offsets', () => {
    const tree = parsed('^a(?<name>b|c){2,}\\b$') as Extract<Piece, { kind: 'row' }>;
    expect(tree.pieces.map(({ kind, start, end }) => [kind, start, end])).toEqual([
      ['edge', 0, 1],
      ['one', 1, 2],
      ['repeat', 2, 18],
      ['edge', 18, 20],
      ['edge', 20, 21],
    ]);
    const repeat = tree.pieces[2];
    expect(repeat).toMatchObject({ min: 2, max: Infinity, piece: { kind: 'capture', name: 'name', piece: { kind: 'choice' } } });
  });

  it('parses a group with one alternative as a row', () => {
    expect(parsed('(?:ab)')).toMatchObject({ kind: 'row', pieces: [{ kind: 'row', pieces: [{ kind: 'one' }, { kind: 'one' }] }] });
  });

  it.each([
    ['(?=x)', '"(?=x)" looks ahead, write the text out instead'],
    ['(?<!x)', '"(?<!x)" looks behind, write the text out instead'],
    ['(a)\\1', '"\\1" refers back to a group, write the text out instead'],
    ['(a', 'Unterminated group'],
    ['[b-a]', 'Range out of order in character class'],
  ])('refuses %s', (pattern, message) => {
    expect(() => parsed(pattern)).toThrow(message);
  });

  it('reads groups nested a hundred deep, and refuses a deeper nesting', () => {
    expect(parsed(nested(100))).toMatchObject({ kind: 'row' });
    expect(() => parsed(nested(101))).toThrow('groups are nested more than 100 deep, take some out');
    expect(() => parsed(nested(100_000))).toThrow('groups are nested more than 100 deep');
  });
});

describe('constructed pieces', () => {
  it('of textAt match the characters of a text, all at one offset', () => {
    expect(textAt('ab', 7)).toEqual({
      kind: 'row',
      pieces: [
        { kind: 'one', of: charactersOf('a'), start: 7, end: 7 },
        { kind: 'one', of: charactersOf('b'), start: 7, end: 7 },
      ],
      start: 7,
      end: 7,
    });
  });

  it('of movedTo all have the new offset', () => {
    expect(
      JSON.stringify(movedTo(parsed('^a(?<n>b|c)*$'), -1), (_, value: unknown) =>
        typeof value === 'bigint' ? String(value) : value,
      ),
    ).not.toMatch(/"(?:start|end)":(?!-1)/);
  });
});
