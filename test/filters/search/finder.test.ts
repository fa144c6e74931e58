import { array, assert, constantFrom, integer, oneof, property, uint8Array, type Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Finder } from '../../../src/filters/search/finder.ts';

/** Every offset at which texts begin, with the indices of these texts. */
type Places = readonly { readonly at: number; readonly texts: readonly number[] }[];

/** The offsets that a finder returns. Each search begins one byte after the last offset. */
function found(texts: readonly Buffer[], bytes: Buffer): Places {
  const finder = new Finder(texts);
  const places = [];
  for (let place = finder.next(bytes, 0); place; place = finder.next(bytes, place.at + 1)) places.push(place);
  return places;
}

/** The offsets that Buffer.indexOf finds, text by text. */
function expected(texts: readonly Buffer[], bytes: Buffer): Places {
  const places = new Map<number, number[]>();
  for (const [index, text] of texts.entries()) {
    for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1))
      places.set(at, [...(places.get(at) ?? []), index]);
  }
  const length = (index: number): number => texts[index]?.length ?? 0;
  return [...places]
    .toSorted(([one], [other]) => one - other)
    .map(([at, own]) => ({ at, texts: own.toSorted((one, other) => length(one) - length(other)) }));
}

/** The offsets of one text. */
const offsets = (text: Buffer, bytes: Buffer): number[] => found([text], bytes).map(({ at }) => at);

/** Bytes with few different values, so that texts often overlap, contain each other, and contain equal pieces. */
const fewBytes = (minLength: number, maxLength: number): Arbitrary<Buffer> =>
  array(constantFrom(0, 10, 97, 98, 255), { minLength, maxLength }).map((list) => Buffer.from(list));

const anyBytes = (minLength: number, maxLength: number): Arbitrary<Buffer> =>
  uint8Array({ minLength, maxLength }).map((bytes) => Buffer.from(bytes));

const TEXT = Buffer.from(' triggers spamtrap');

describe('a `Finder`, which searches for texts in bytes', () => {
  it('finds a text at every offset, including the first and the last', () => {
    for (const text of [TEXT, Buffer.from('traps')]) {
      for (let before = 0; before < 100; before += 1) {
        const bytes = Buffer.concat([Buffer.alloc(before, 'x'), text, Buffer.alloc((before * 7) % 5, 'x')]);
        expect(offsets(text, bytes)).toEqual([before]);
      }
    }
  });

  it('finds each occurrence of a text, also side by side', () => {
    expect(offsets(TEXT, Buffer.concat([TEXT, TEXT, Buffer.from('x'), TEXT]))).toEqual([0, 18, 37]);
  });

  it.each([
    ['nothing in other bytes', 'postfix/smtpd[1]: connect from mail.example.org[192.0.2.1]'],
    ['nothing in parts of the text', ' triggers spamtra triggers spa spamtrap trigger triggers spamtraq'],
    ['nothing in bytes that are shorter than the text', ' triggers spamtr'],
    ['nothing in bytes that are shorter than a gram', ' t'],
    ['nothing in empty bytes', ''],
  ])('finds %s', (_title, bytes) => {
    expect(offsets(TEXT, Buffer.from(bytes))).toEqual([]);
  });

  it('reads only the given bytes', () => {
    const bytes = Buffer.concat([TEXT, Buffer.from('x'), TEXT]);
    expect(offsets(TEXT, bytes.subarray(1, bytes.length - 1))).toEqual([]);
    expect(offsets(TEXT, bytes.subarray(1))).toEqual([18]);
  });

  it('begins at the given offset', () => {
    const finder = new Finder([TEXT]);
    const bytes = Buffer.concat([TEXT, TEXT]);
    expect([0, 1, 18, 19].map((from) => finder.next(bytes, from)?.at)).toEqual([0, 18, 18, undefined]);
  });

  it('finds a text of any length from two bytes on', () => {
    for (let length = 2; length < 300; length += 1) {
      const text = Buffer.from(Array.from({ length }, (_, index) => 33 + ((index * 7) % 90)));
      const bytes = Buffer.concat([Buffer.alloc(length % 17, 'x'), text, Buffer.from('xyz'), text]);
      expect(found([text], bytes)).toEqual(expected([text], bytes));
    }
  });

  it('finds texts that begin with each other, contain each other, overlap or are equal', () => {
    const texts = ['spamtrap', 'spamtrap hit', 'trap hit', 'amtrap h', 'spamtrap'].map((text) => Buffer.from(text));
    expect(found(texts, Buffer.from('a spamtrap hit'))).toEqual([
      { at: 2, texts: [0, 4, 1] },
      { at: 4, texts: [3] },
      { at: 6, texts: [2] },
    ]);
  });

  it('finds each of a hundred texts', () => {
    const texts = Array.from({ length: 100 }, (_, index) => Buffer.from(`triggers trap of customer ${index}.`));
    const bytes = Buffer.concat(texts.flatMap((text) => [text, Buffer.from('\nother words ')]));
    expect(found(texts, bytes)).toEqual(expected(texts, bytes));
  });

  it('finds texts in bytes in which every sample is a gram of the texts', () => {
    const texts = ['a'.repeat(9), `${'a'.repeat(20)}b`, 'a'.repeat(30)].map((text) => Buffer.from(text));
    const bytes = Buffer.from(`${'a'.repeat(200)}b${'a'.repeat(100)}`);
    expect(found(texts, bytes)).toEqual(expected(texts, bytes));
  });

  it('finds the texts that Buffer.indexOf finds, for any texts in any bytes', () => {
    for (const bytesOf of [fewBytes, anyBytes]) {
      const texts = oneof(
        array(bytesOf(2, 90), { minLength: 1, maxLength: 8 }),
        array(bytesOf(7, 30), { minLength: 1, maxLength: 40 }),
        array(bytesOf(2, 6), { minLength: 1, maxLength: 10 }),
      );
      // A number stands for a text, a negative number for a beginning of it.
      const parts = array(oneof(bytesOf(0, 20), integer({ min: -40, max: 39 })), { maxLength: 15 });
      assert(
        property(texts, parts, (some, pieces) => {
          const textAt = (index: number): Buffer => some[index % some.length] ?? TEXT;
          const written = pieces.map((one) =>
            typeof one !== 'number' ? one : one >= 0 ? textAt(one) : textAt(-one).subarray(0, -1),
          );
          const whole = Buffer.concat(written);
          expect(found(some, whole)).toEqual(expected(some, whole));
        }),
        { numRuns: 500 },
      );
    }
  });
});
