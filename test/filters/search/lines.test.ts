import { describe, expect, it } from 'vitest';
import { Finder } from '../../../src/filters/search/finder.ts';
import { findLines } from '../../../src/filters/search/lines.ts';

const lines = (text: string, needles: string[], limit = 100): { text: string; jails: readonly number[] }[] =>
  findLines(
    { bytes: Buffer.from(text, 'latin1'), at: 0 },
    needles.map((needle, index) => ({ finder: new Finder(Buffer.from(needle)), jails: [index] })),
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
