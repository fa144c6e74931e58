import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sortRows } from '../../../src/lib/networks/sort.ts';

/** The rows in order, sorted by a comparison of their words. */
function sorted(rows: readonly (readonly number[])[]): readonly (readonly number[])[] {
  return rows.toSorted((one, other) => {
    const index = one.findIndex((word, place) => word !== other[place]);
    return index < 0 ? 0 : (one[index] ?? 0) - (other[index] ?? 0);
  });
}

const sort = (rows: readonly (readonly number[])[], stride: number): readonly (readonly number[])[] => {
  const words = new Uint32Array([...rows.flat(), 7, 0]);
  sortRows(words, stride, rows.length);
  expect(Array.from(words.subarray(-2))).toEqual([7, 0]);
  return rows.map((_, row) => Array.from(words.subarray(row * stride, (row + 1) * stride)));
};

const word = fc.oneof(fc.nat(3), fc.nat(0xffff_ffff), fc.constantFrom(0, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff));

describe('sortRows', () => {
  it.each([2, 5])('sorts rows of %d words by all of their words, and leaves the words after them alone', (stride) => {
    const row = fc.array(word, { minLength: stride, maxLength: stride });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 200 }), (rows) => {
        expect(sort(rows, stride)).toEqual(sorted(rows));
      }),
    );
  });

  it('sorts many rows that differ only in their last bit', () => {
    const rows = Array.from({ length: 50_000 }, (_, index) => [1, 2, 3, 4, index % 2]);
    expect(sort(rows, 5)).toEqual(sorted(rows));
  });
});
