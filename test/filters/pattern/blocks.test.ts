import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/errors.ts';
import { expand, isBlock, isServerWord, latin1, type Expanded } from '../../../src/filters/pattern/blocks.ts';

const expanded = (pattern: string, settings: Record<string, string> = {}): Expanded =>
  expand(pattern, settings, (text, offset) => new ConfigError(`${offset}: ${text}`));

describe('a building block', () => {
  it('is expanded, except if it is escaped, is in a class or is the start of a group', () => {
    expect(expanded('<number>').text).toBe('(?:[0-9]{1,20})');
    for (const other of ['\\<number>', '[<number>]', '(?<number>x)', '<Number>', '< number>'])
      expect(expanded(other).text).toBe(other);
  });

  it('can have an argument only if it is the prefix', () => {
    expect(expanded('^<prefix:smtpd>').text).toBe(expanded('^<prefix>').text);
    expect(expanded('^<prefix:a.b>').text).toContain('a\\.b');
    expect(() => expanded('<number:x>')).toThrow('0: unknown building block "<number:x>"');
  });

  it('can be a setting, which is inserted as text', () => {
    const { text, words } = expanded('<text> <text>', { text: 'a.b', other: 'x' });
    expect(text).toBe('a\\.b a\\.b');
    expect(words).toEqual(['a.b', 'a.b']);
  });

  it('that is unknown is refused with its place and the nearest known name', () => {
    expect(() => expanded('x<numbr>')).toThrow('1: unknown building block "<numbr>", did you mean "<number>"?');
    expect(() => expanded('<something-else>', { text: 'x' })).toThrow(', class, reply, more, envelope, login, rest, text; (');
  });

  it('has a name that no setting can have', () => {
    expect([isBlock('client'), isBlock('rest'), isBlock('text'), isBlock('toString')]).toEqual([true, true, false, false]);
  });
});

describe('the outline of a pattern (its text without a prefix at the start)', () => {
  it('leaves out a prefix at the start, and withPrefix inserts this prefix again', () => {
    const { outline, text, withPrefix, program } = expanded('^<prefix>x');
    expect(outline).toBe('^(?:)x');
    expect(withPrefix('^(?:)y')).toBe(text.replace(/x$/, 'y'));
    expect(program).toBe('smtpd');
    expect(expanded('^<prefix:dovecot>x').program).toBe('dovecot');
  });

  it.each(['^ <prefix>', '^(?:<prefix>)', '^<prefix>?x', '^<prefix>{2}', '<prefix>'])(
    'keeps a prefix in any other place: %s',
    (pattern) => {
      const { outline, text, program } = expanded(pattern);
      expect(outline).toBe(text);
      expect(program).toBeUndefined();
    },
  );

  it('returns the place of each part in the pattern', () => {
    const { outline, offsetOf } = expanded('^<prefix>a <number> b', {});
    const at = (text: string): number => offsetOf(outline.indexOf(text));
    expect([at('^'), at('a '), at('(?:[0-9]'), at('0-9'), at(' b')]).toEqual([0, 9, 11, 11, 19]);
    expect(offsetOf(outline.length)).toBe(21);
  });

  it('returns who wrote each part: author, server or setting', () => {
    const { outline, originOf } = expanded('a<number>+<text><more>', { text: 'trap' });
    const of = (text: string): string => originOf(outline.indexOf(text), outline.indexOf(text) + text.length);
    expect([of('a'), of('(?:[0-9]{1,20})'), of('[0-9]'), of('trap'), of('(?: [^<>;]{0,254})?')]).toEqual([
      'author',
      'server',
      'server',
      'setting',
      'author',
    ]);
    // A part that extends beyond a block counts as written by the author of the filter.
    expect(of('(?:[0-9]{1,20})+')).toBe('author');
  });
});

describe('isServerWord', () => {
  it.each([
    ['RCPT', true],
    ['END-OF-MESSAGE', true],
    ['Unverified Client host', true],
    ['rcpt', false],
    ['RCPT ', false],
    ['', false],
  ])('returns for %j: %s', (text, expected) => {
    expect(isServerWord(text)).toBe(expected);
  });
});

describe('latin1', () => {
  it('has one character for each byte of UTF-8', () => {
    expect(latin1('lö€')).toBe('l\xc3\xb6\xe2\x82\xac');
  });
});
