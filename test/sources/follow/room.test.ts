import { describe, expect, it } from 'vitest';
import { roomAfter, SMALL_READ } from '../../../src/sources/follow/room.ts';

const KIB = 1024;

describe('roomAfter', () => {
  it.each([
    ['little that took no time', 64 * KIB, 0, 1024],
    ['little that took little', 64 * KIB, 1, 1024],
    ['little that took some time', 64 * KIB, 20, 256],
    ['little that took long', 64 * KIB, 100, 64],
    ['little that took too long', 64 * KIB, 1000, 64],
    ['much that took little', 1024 * KIB, 80, 1024],
    ['much that took too long', 1024 * KIB, 400, 256],
  ])('after %s', (_what, bytes, took, expected) => {
    expect(roomAfter(bytes, took) / KIB).toBe(expected);
  });

  it('begins small', () => {
    expect(SMALL_READ).toBe(64 * KIB);
  });
});
