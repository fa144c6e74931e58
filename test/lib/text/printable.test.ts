import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable, printableJson } from '../../../src/lib/text/printable.ts';

describe('printable', () => {
  it.each([
    ['plain text', 'plain text'],
    ['Grüße, 世界 🎣', 'Grüße, 世界 🎣'],
    ['two\nlines', 'two\\u{a}lines'],
    ['\u001b[31mred', '\\u{1b}[31mred'],
    ['\u009b2J', '\\u{9b}2J'],
    ['del\u007f', 'del\\u{7f}'],
    ['\u202egnp.exe', '\\u{202e}gnp.exe'],
    ['\u2066isolate', '\\u{2066}isolate'],
    ['zero\u200bwidth', 'zero\\u{200b}width'],
    ['soft\u00adhyphen', 'soft\\u{ad}hyphen'],
    ['line\u2028paragraph\u2029', 'line\\u{2028}paragraph\\u{2029}'],
    ['\ufeffmark', '\\u{feff}mark'],
    ['tag\u{e0041}', 'tag\\u{e0041}'],
    ['half \ud83c', 'half \\u{d83c}'],
    ['a filler\u3164', 'a filler\\u{3164}'],
    ['music\u{1d173}', 'music\\u{1d173}'],
  ])('shows %j as %j', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('shortens a long text', () => {
    expect(printable('x'.repeat(300))).toBe(`${'x'.repeat(256)}...`);
    expect(printable('abcdef', 3)).toBe('abc...');
    expect(printable('abc', 3)).toBe('abc');
  });

  it('shows the first half of a surrogate pair when the text is cut inside the pair', () => {
    expect(printable('ab🎣', 3)).toBe('ab\\u{d83c}...');
  });

  it('leaves no terminal control character, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      }),
    );
  });
});

describe('printableJson', () => {
  it('escapes terminal control characters, so that JSON.parse still returns the original value', () => {
    const value = { helo: '\u009b31m\u202eabc\u2028\u{e0041}\ud800', ordinary: 'größe 漢 💩' };
    const text = printableJson(value);
    expect(text).toMatch(/^[\x20-\x7eöß漢💩]*$/u);
    expect(JSON.parse(text)).toEqual(value);
  });
});

describe('printableJson', () => {
  it.each([
    [{ a: [1, null, 'x'] }, '{"a":[1,null,"x"]}'],
    ['\u001b[2J\n', String.raw`"\u001b[2J\n"`],
    ['\u009b \u202e \ufeff', String.raw`"\u009b \u202e \ufeff"`],
    ['tag\u{e0041}', String.raw`"tag\udb40\udc41"`],
    ['half \ud83c', String.raw`"half \ud83c"`],
    [undefined, 'null'],
  ])('writes %j as %s', (value, text) => {
    expect(printableJson(value)).toBe(text);
  });

  it('writes a text that JSON.parse reads as the original value, and that contains no terminal control character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        expect(JSON.parse(printableJson(text))).toBe(text);
        expect(printableJson(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      }),
    );
  });
});
