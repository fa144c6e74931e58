import { array, assert, constantFrom, nat, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countLines, eachLine, WholeLines } from '../../src/sources/lines.ts';

/** Feeds the chunks, and returns all lines, including a last line without a newline. */
function split(chunks: readonly (string | Buffer)[], limit?: number): { lines: string[]; cuts: number } {
  let cuts = 0;
  const whole = new WholeLines(() => void (cuts += 1), limit);
  const parts = chunks.flatMap((chunk) => whole.feed(Buffer.from(chunk)));
  const last = whole.flush();
  const lines = [...parts, ...(last ? [last] : [])].flatMap((part) => [...eachLine(part)].map((line) => line.toString('latin1')));
  return { lines, cuts };
}

describe('WholeLines', () => {
  it('returns complete lines, and the unfinished line at the end', () => {
    expect(split(['a\nb', 'c\n', 'd\n\n']).lines).toEqual(['a\n', 'bc\n', 'd\n', '\n']);
    expect(split(['a', '\n', '\nb\n', '\n']).lines).toEqual(['a\n', '\n', 'b\n', '\n']);
  });

  it('returns the lines of a chunk as a part of the chunk, without a copy', () => {
    const chunk = Buffer.from('a\nb\nrest');
    const [part] = new WholeLines(() => {}).feed(chunk);
    expect(part?.buffer).toBe(chunk.buffer);
    expect(String(part)).toBe('a\nb\n');
  });

  it('adds a newline to a last line without a newline', () => {
    expect(split(['a\nlast']).lines).toEqual(['a\n', 'last\n']);
    expect(split(['a\n']).lines).toEqual(['a\n']);
    expect(split([]).lines).toEqual([]);
  });

  it.each(['\r', '\u0085', '\u2028', '\u2029', '\f', '\0'])('does not end a line at %j', (character) => {
    expect(split([`a${character}b\n`]).lines).toHaveLength(1);
  });

  it('P20: cuts a line that is longer than the limit once, and finds the next line', () => {
    expect(split(['aaaa', 'bbbb', 'cccc', 'dd\nnext\n'], 6)).toEqual({ lines: ['aaaabb\n', 'next\n'], cuts: 1 });
    expect(split(['aaaa', 'bb', '\nnext\n'], 6)).toEqual({ lines: ['aaaabb\n', 'next\n'], cuts: 0 });
    expect(split(['aaaa', 'bbbb\nne', 'xt\n'], 6)).toEqual({ lines: ['aaaabb\n', 'next\n'], cuts: 1 });
  });

  it('returns equal lines for any split into chunks', () => {
    const text = array(constantFrom(0x0a, 0x0d, 0x61, 0xe2, 0x00), { maxLength: 60 });
    assert(
      property(text, array(nat(60), { maxLength: 6 }), (bytes, cuts) => {
        const whole = Buffer.from(bytes);
        const places = [0, ...cuts.map((cut) => Math.min(cut, whole.length)).toSorted((a, b) => a - b), whole.length];
        const chunks = places.slice(1).map((place, index) => whole.subarray(places[index], place));
        expect(split(chunks).lines).toEqual(split([whole]).lines);
      }),
    );
  });
});

describe('countLines', () => {
  it.each([
    ['', 0],
    ['a\n', 1],
    ['a\n\nb\n', 3],
  ])('of %j is %i', (text, expected) => {
    expect(countLines(Buffer.from(text))).toBe(expected);
  });
});
