import { describe, expect, it } from 'vitest';
import { Scan } from '../../../src/cli/trial/scan.ts';
import { MOST_AT_ONCE } from '../../../src/filters/repeats.ts';
import type { Hit } from '../../../src/words/walk.ts';
import { hitLine, matcherOf, shipped } from '../../support/filters/lines.ts';

/** A scan in which a line with `hit` is a hit, and a line with `again` is one when the line before it was a hit. Keeps the lines it matched. */
function scanOf(): { scan: Scan; matched: string[] } {
  const matched: string[] = [];
  let after = false;
  const scan = new Scan({
    match: ({ bytes }) => {
      const text = bytes.toString();
      matched.push(text.trimEnd());
      after = text.includes('hit') || (after && text.includes('again'));
      return after ? [{ key: text } as Hit] : [];
    },
    candidates: ({ bytes }) => {
      const starts: number[] = [];
      let start = 0;
      for (const line of bytes.toString().split(/(?<=\n)/)) {
        if (/hit|near/.test(line)) starts.push(start);
        start += line.length;
      }
      return starts;
    },
  });
  return { scan, matched };
}

const numbers = (scan: Scan, text: string): number[] =>
  scan.next({ source: 's', bytes: Buffer.from(text), at: 0, cursor: undefined }).map(({ line }) => line);

describe('Scan', () => {
  it('gives the numbers of the lines with hits, and counts all lines', () => {
    const { scan } = scanOf();
    expect(numbers(scan, 'a\nhit\nb\n\nnear\nhit\n')).toEqual([2, 6]);
    expect(scan.lines).toBe(6);
    expect(numbers(scan, 'a\nhit')).toEqual([8]);
    expect(scan.lines).toBe(8);
  });

  it('adds the hits of repeats up to the limit of one read, as the daemon does', () => {
    const matcher = matcherOf(shipped('postfix-spamtrap'));
    const scan = new Scan({
      match: (batch, missed, further) => matcher.match(batch, missed, further),
      candidates: (batch) => matcher.candidates(batch),
    });
    const line = hitLine().replace(/(?<=\]: )(?<message>NOQUEUE.*)$/, 'message repeated 999999999 times: [ $<message>]');
    const bytes = Buffer.from(`${line}\n`.repeat(50));
    const found = scan.next({ source: 's', bytes, at: 0, cursor: undefined });
    expect(found).toHaveLength(50);
    expect(found.flatMap(({ hits }) => hits)).toHaveLength(MOST_AT_ONCE + 50);
  });

  it('matches only candidates, and the lines behind hits', () => {
    const { scan, matched } = scanOf();
    expect(numbers(scan, 'again\nhit\nagain\nagain\nc\nnear\nagain\nd\n')).toEqual([2, 3, 4]);
    expect(matched).toEqual(['hit', 'again', 'again', 'c', 'near']);
    expect(scan.lines).toBe(8);
  });

  it('matches the first line of a batch when the batch before it ended with a hit', () => {
    const { scan, matched } = scanOf();
    expect([numbers(scan, 'hit\n'), numbers(scan, 'again\n'), numbers(scan, 'x\nagain\n'), numbers(scan, 'again\n')]).toEqual([
      [1],
      [2],
      [],
      [],
    ]);
    expect(matched).toEqual(['hit', 'again', 'x']);
  });

  it('takes an empty batch', () => {
    const { scan } = scanOf();
    expect(numbers(scan, '')).toEqual([]);
    expect(scan.lines).toBe(0);
  });
});
