import { array, assert, integer, property, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PAIRS, QUADS } from '../../../src/filters/search/grams.ts';

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/** Different grams. */
const gramsOf = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe.each([
  ['QUADS', QUADS],
  ['PAIRS', PAIRS],
])('%s', (_name, grams) => {
  it('finds the first sample whose gram is in the table, at any distance of the samples', () => {
    const some = array(integer({ min: 0, max: 80 }), { minLength: 1, maxLength: 5 });
    const distance = integer({ min: 1, max: 20 });
    assert(
      property(
        uint8Array({ minLength: 85, maxLength: 200 }),
        some,
        distance,
        integer({ min: 0, max: 90 }),
        (bytes, places, stride, from) => {
          const view = viewOf(bytes);
          const table = grams.tableOf(places.map((place) => grams.read(view, place)));
          const isInTable = (at: number): boolean => grams.first(viewOf(bytes.subarray(at, at + grams.length)), 0, 1, table) === 0;
          const samples = Array.from({ length: 300 }, (_, index) => from + index * stride);
          const expected = samples.find((at) => at <= bytes.length - grams.length && isInTable(at)) ?? -1;
          expect(grams.first(view, from, stride, table)).toBe(expected);
          for (const place of places) expect(isInTable(place)).toBe(true);
        },
      ),
    );
  });

  it('finds no sample that reaches beyond the bytes', () => {
    const bytes = Buffer.from('abcdabcd');
    const table = grams.tableOf([grams.read(viewOf(bytes), 0)]);
    expect(grams.first(viewOf(bytes.subarray(0, 4 + grams.length - 1)), 1, 1, table)).toBe(-1);
    expect(grams.first(viewOf(bytes.subarray(0, 4 + grams.length)), 1, 1, table)).toBe(4);
    expect(grams.first(viewOf(bytes), 9, 1, table)).toBe(-1);
  });
});

describe('the table of QUADS', () => {
  it('has 16 KiB for the grams of one text, and at most 256 KiB', () => {
    expect([1, 16, 17, 100, 10_000].map((count) => QUADS.tableOf(gramsOf(count)).length)).toEqual(
      [14, 14, 15, 17, 18].map((bits) => 1 << bits),
    );
  });
});
