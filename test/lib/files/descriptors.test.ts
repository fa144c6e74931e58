import { closeSync, fstatSync, openSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { descriptorLimit, isKeptForPrograms, limitIn, mostConnections, unlessLast } from '../../../src/lib/files/descriptors.ts';
import { limitsSettable } from '../../support/limits.ts';

const LIMITS = `Limit                     Soft Limit           Hard Limit           Units
Max processes             31000                31000                processes
Max open files            1024                 524288               files
`;

describe('limitIn', () => {
  it.each([
    ['the soft limit', LIMITS, 1024],
    ['an unlimited soft limit', LIMITS.replace('1024  ', 'unlimited'), Infinity],
    ['a text without a limit', '', Number.NaN],
  ])('reads %s', (_, text, limit) => {
    expect(limitIn(text)).toBe(limit);
  });
});

describe.runIf(limitsSettable)('the limit of descriptors', () => {
  const limit = descriptorLimit() ?? 0;

  it('allows a server at most a quarter of all descriptors for its connections, and at most the number in the call', () => {
    expect(limit).toBeGreaterThan(64);
    expect(mostConnections(10)).toBe(Math.min(10, Math.floor(limit / 4)));
    expect(mostConnections(Infinity)).toBe(Math.floor(limit / 4));
  });

  it('keeps the last 32 descriptors for programs', () => {
    expect([limit - 33, limit - 32].map(isKeptForPrograms)).toEqual([false, true]);
  });

  it('leaves the last 48 descriptors free of files that can be opened later', () => {
    const file = openSync('/dev/null', 'r');
    expect(unlessLast(file)).toBe(file);
    closeSync(file);
    expect(unlessLast(limit - 49)).toBe(limit - 49);
  });

  it('lets unlessLast close a file with one of the last 48 descriptors, with an error that names the limit to raise', () => {
    const file = openSync('/dev/null', 'r');
    expect(unlessLast(file, file + 49)).toBe(file);
    expect(() => unlessLast(file, file + 48)).toThrow(/^EMFILE: too many open files, raise the limit \(LimitNOFILE=/);
    expect(() => fstatSync(file)).toThrow(/^EBADF/);
  });
});
