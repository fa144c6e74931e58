import { describe, expect, it } from 'vitest';
import { readSizeAfter, SMALL_READ } from '../../../src/sources/follow/readsize.ts';

const KIB = 1024;

describe('readSizeAfter', () => {
  it.each([
    ['a small read without delay', 64 * KIB, 0, 1024],
    ['a small fast read', 64 * KIB, 1, 1024],
    ['a small read of medium duration', 64 * KIB, 20, 256],
    ['a small slow read', 64 * KIB, 100, 64],
    ['a small read above the time limit', 64 * KIB, 1000, 64],
    ['a large fast read', 1024 * KIB, 80, 1024],
    ['a large read above the time limit', 1024 * KIB, 400, 256],
  ])('returns the right size after %s', (_what, bytes, took, expected) => {
    expect(readSizeAfter(bytes, took) / KIB).toBe(expected);
  });

  it('begins with a small size', () => {
    expect(SMALL_READ).toBe(64 * KIB);
  });
});
