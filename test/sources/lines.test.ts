import { array, assert, constantFrom, nat, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countLines, eachLine, LineSplitter } from '../../src/sources/lines.ts';

/** Feeds chunks, and gives every line that comes out, the last one too. */
function split(chunks: readonly (string | Buffer)[], limit?: number): { lines: string[]; cuts: number } {
  let cuts = 0;
  const splitter = new LineSplitter(() => void (cuts += 1), limit);
  const parts = chunks.flatMap((chunk) => splitter.feed(Buffer.from(chunk)));
  const last = splitter.flush();
  const lines = [...parts, ...(last ? [last] : [])].flatMap((part) => [...eachLine(part)].map((line) => line.toString('latin1')));
  return { lines, cuts };
}

describe('LineSplitter', () => {
  it('gives whole lines, the unfinished one when it is finished', () => {
    expect(split(['a\nb', 'c\n', 'd\n\n']).lines).toEqual(['a\n', 'bc\n', 'd\n', '\n']);
  });

  it('gives the lines of a chunk as a part of it, not copied', () => {
    const chunk = Buffer.from('a\nb\nrest');
    const [part] = new LineSplitter(() => {}).feed(chunk);
    expect(part?.buffer).toBe(chunk.buffer);
    expect(String(part)).toBe('a\nb\n');
  });

  it('gives a last line without a newline one', () => {
    expect(split(['a\nlast']).lines).toEqual(['a\n', 'last\n']);
    expect(split(['a\n']).lines).toEqual(['a\n']);
    expect(split([]).lines).toEqual([]);
  });

  it.each(['\r', '\u0085', '\u2028', '\u2029', '\f', '\0'])('does not end a line at %j', (character) => {
    expect(split([`a${character}b\n`]).lines).toHaveLength(1);
  });

  it('P20: cuts a line that goes over the limit, once, and finds the next', () => {
    expect(split(['aaaa', 'bbbb', 'cccc', 'dd\nnext\n'], 6)).toEqual({ lines: ['aaaabb\n', 'next\n'], cuts: 1 });
    expect(split(['aaaa', 'bb', '\nnext\n'], 6)).toEqual({ lines: ['aaaabb\n', 'next\n'], cuts: 0 });
  });

  it('comes to the same lines however the bytes are cut into chunks', () => {
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
