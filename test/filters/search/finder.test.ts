import { array, assert, constant, constantFrom, oneof, property, type Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Finder } from '../../../src/filters/search/finder.ts';

/** All positions that `find` returns. Each search begins one byte after the last position. */
function placesOf(find: (from: number) => number): number[] {
  const places: number[] = [];
  for (let at = find(0); at >= 0; at = find(at + 1)) places.push(at);
  return places;
}

const found = (text: Buffer, bytes: Buffer): number[] => {
  const finder = new Finder(text);
  return placesOf((from) => finder.indexOf(bytes, from));
};

const expected = (text: Buffer, bytes: Buffer): number[] => placesOf((from) => bytes.indexOf(text, from));

/** Bytes with few different values, so that texts often overlap with themselves and contain equal pieces. */
const fewBytes = (minLength: number, maxLength: number): Arbitrary<Buffer> =>
  array(constantFrom(0, 10, 97, 98, 255), { minLength, maxLength }).map((list) => Buffer.from(list));

const TEXT = Buffer.from(' triggers spamtrap');

describe('a `Finder`, which searches for a text in bytes', () => {
  it('finds a text at every offset, including the first and the last', () => {
    for (let before = 0; before < 100; before += 1) {
      const bytes = Buffer.concat([Buffer.alloc(before, 'x'), TEXT, Buffer.alloc((before * 7) % 5, 'x')]);
      expect(found(TEXT, bytes)).toEqual([before]);
    }
  });

  it('finds each occurrence of a text, also side by side', () => {
    expect(found(TEXT, Buffer.concat([TEXT, TEXT, Buffer.from('x'), TEXT]))).toEqual([0, 18, 37]);
  });

  it.each([
    ['nothing in other bytes', 'postfix/smtpd[1]: connect from mail.example.org[192.0.2.1]'],
    ['nothing in parts of the text', ' triggers spamtra triggers spa spamtrap trigger triggers spamtraq'],
    ['nothing in bytes that are shorter than the text', ' triggers spamtr'],
    ['nothing in empty bytes', ''],
  ])('finds %s', (_title, bytes) => {
    expect(found(TEXT, Buffer.from(bytes))).toEqual([]);
  });

  it('reads only the given bytes', () => {
    const bytes = Buffer.concat([TEXT, Buffer.from('x'), TEXT]);
    expect(found(TEXT, bytes.subarray(1, bytes.length - 1))).toEqual([]);
    expect(found(TEXT, bytes.subarray(1))).toEqual([18]);
  });

  it('finds a text of any length', () => {
    for (let length = 1; length < 300; length += 1) {
      const text = Buffer.from(Array.from({ length }, (_, index) => 33 + ((index * 7) % 90)));
      const bytes = Buffer.concat([Buffer.alloc(length % 17, 'x'), text, Buffer.from('xyz'), text]);
      expect(found(text, bytes)).toEqual(expected(text, bytes));
    }
  });

  it('finds the positions that Buffer.indexOf finds, in any bytes', () => {
    assert(
      property(fewBytes(1, 90), array(oneof(fewBytes(0, 20), constant(undefined)), { maxLength: 12 }), (text, parts) => {
        const whole = Buffer.concat(parts.map((part) => part ?? text));
        expect(found(text, whole)).toEqual(expected(text, whole));
      }),
      { numRuns: 500 },
    );
  });

  it('finds, of several texts, one in each line that holds one', () => {
    const texts = ['iscard: RCPT', ' triggers spamtrap', 'ed: spamtrap'].map((text) => Buffer.from(text));
    const finder = new Finder(...texts);
    const lines = oneof(constantFrom(...texts, Buffer.from('iscard: RCP'), Buffer.from('\n')), fewBytes(0, 30));
    assert(
      property(array(lines), (parts) => {
        const bytes = Buffer.concat(parts);
        const held: number[] = [];
        for (let at = finder.indexOf(bytes, 0); at >= 0;) {
          held.push(bytes.subarray(0, at).filter((byte) => byte === 10).length);
          const newline = bytes.indexOf(10, at);
          at = newline < 0 ? -1 : finder.indexOf(bytes, newline);
        }
        const split = bytes.toString('latin1').split('\n');
        expect(held).toEqual(split.flatMap((line, index) => (texts.some((text) => line.includes(text.toString())) ? [index] : [])));
      }),
    );
  });
});
