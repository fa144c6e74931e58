import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { LineSplitter } from '../../../src/lib/http/lines.ts';

const KIB = 1024;

describe('LineSplitter', () => {
  it('finds the lines of a text for any split of its bytes', () => {
    const pieces = fc.array(fc.stringMatching(/^[ab\n]{0,5}$/), { maxLength: 30 });
    fc.assert(
      fc.property(pieces, (cut) => {
        const splitter = new LineSplitter(KIB, '');
        const lines = cut.flatMap((piece) => splitter.add(Buffer.from(piece)));
        expect([...lines, splitter.rest()]).toEqual(cut.join('').split('\n'));
      }),
    );
  });

  it('joins a character whose bytes arrive in two pieces', () => {
    const splitter = new LineSplitter(KIB, '');
    const bytes = Buffer.from('ü\n');
    expect([bytes.subarray(0, 1), bytes.subarray(1)].flatMap((piece) => splitter.add(piece))).toEqual(['ü']);
  });

  it.each([
    ['in one piece', [KIB]],
    ['in many pieces', Array.from({ length: KIB }, () => 1)],
    ['after a line of equal length', [KIB, 0, KIB]],
  ])('accepts a line of the greatest length (%s)', (_, lengths) => {
    const splitter = new LineSplitter(KIB, '');
    const lines = lengths.flatMap((length) => splitter.add(length === 0 ? Buffer.from('\n') : Buffer.alloc(length, 'x')));
    expect([...lines, splitter.rest()].every((line) => line.length === KIB)).toBe(true);
  });

  it.each([
    ['with its newline', `${'x'.repeat(KIB + 1)}\n`],
    ['before its newline arrives', 'x'.repeat(KIB + 1)],
    ['after a short line', `x\n${'x'.repeat(KIB + 1)}`],
  ])('refuses a line with one byte more than the greatest length (%s)', (_, text) => {
    const splitter = new LineSplitter(KIB, 'send less');
    expect(() => splitter.add(Buffer.from(text))).toThrow(new UsageError('a line of more than 1 KiB, send less'));
  });

  it('returns its rest once, and then begins a new line', () => {
    const splitter = new LineSplitter(KIB, '');
    splitter.add(Buffer.from('half'));
    expect([splitter.rest(), splitter.rest()]).toEqual(['half', '']);
    expect(splitter.add(Buffer.from('line\n'))).toEqual(['line']);
  });
});
