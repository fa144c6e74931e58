import { describe, expect, it } from 'vitest';
import { Place } from '../../../src/sources/follow/place.ts';
import { Progress, type Lines } from '../../../src/sources/follow/progress.ts';

const identity = { dev: '1', ino: '2', birth: '3' };

const shown = (lines: Lines | undefined): unknown => lines && [String(lines.bytes), lines.cursor.offset];

function feed(progress: Progress, ...chunks: readonly string[]): unknown[] {
  return chunks.map((chunk) => shown(progress.take(Buffer.from(chunk, 'latin1'), identity, 5)));
}

describe('Progress', () => {
  it('returns complete lines with the cursor after their last newline, while its own place is after all bytes', () => {
    const progress = new Progress(() => {});
    expect(feed(progress, 'one\ntw', 'o', '\nthree\n')).toEqual([['one\n', 4], undefined, ['two\nthree\n', 14]]);
    expect(progress.place.offset).toBe(14);
  });

  it('makes a cursor from the file, the bytes before the place, and the time', () => {
    const progress = new Progress(() => {});
    const lines = progress.take(Buffer.from('one\ntwo'), identity, 5);
    expect(lines?.cursor).toEqual(new Place().cursor(identity, Buffer.from('one\n'), 4, 5));
  });

  it('keeps the last instant at which the file ended before the lines', () => {
    const progress = new Progress(() => {}, { ended: 3 });
    const after = (text: string, now: number, full?: boolean): unknown =>
      progress.take(Buffer.from(text), identity, now, full)?.writtenAfter;
    expect([after('one\n', 10), after('two\n', 20)]).toEqual([3, 10]);
    // While further bytes follow, the end of the file has not been seen.
    expect([after('three\n', 30, true), after('four\n', 40, true), after('five\n', 50)]).toEqual([20, 20, 20]);
    const before = Buffer.from('one\ntwo\nthree\nfour\nfive\n');
    expect(progress.newBytesIn(before, 60)).toHaveLength(0);
    expect(progress.newBytesIn(Buffer.from(`${String(before)}six`), 70)).toHaveLength(3);
    expect(after('six\n', 70)).toBe(60);
    expect(new Progress(() => {}).take(Buffer.from('one\n'), identity, 5)?.writtenAfter).toBeUndefined();
  });

  it('begins at the given place', () => {
    const place = new Place();
    place.advance(Buffer.from('one\n'));
    expect(feed(new Progress(() => {}, { place }), 'two\n')).toEqual([['two\n', 8]]);
  });

  it('returns an unfinished last line once, with a cursor after it', () => {
    const progress = new Progress(() => {});
    feed(progress, 'one\ntwo');
    expect(shown(progress.takeRest(identity, 5))).toEqual(['two\n', 7]);
    expect(progress.takeRest(identity, 5)).toBeUndefined();
  });

  it('goes on with the unfinished line of the copy of a truncated file, and gives it once', () => {
    const before = new Progress(() => {});
    feed(before, 'one\ntwo, from=');
    const truncated = new Progress(() => {}, { truncated: true, copy: before });
    expect(before.takeRest(identity, 5)).toBeUndefined();
    expect(feed(truncated, '\0\0three', '\nfour\n')).toEqual([undefined, ['two, from=three\nfour\n', 13]]);
  });

  it('gives the unfinished line of the copy when the truncated file is left empty', () => {
    const before = new Progress(() => {});
    feed(before, 'one\ntwo');
    expect(shown(new Progress(() => {}, { truncated: true, copy: before }).takeRest(identity, 5))).toEqual(['two\n', 0]);
  });

  it('skips the second half of a line with which a truncated file begins, also in several reads', () => {
    const truncated = new Progress(() => {}, { truncated: true, beginsInLine: true });
    expect(feed(truncated, '\0\0half', ' line', '\none\ntwo\n', 'three\n')).toEqual([
      undefined,
      undefined,
      ['one\ntwo\n', 20],
      ['three\n', 26],
    ]);
  });

  it('skips NULs before the first line of a truncated file, and no other NULs', () => {
    const truncated = new Progress(() => {}, { truncated: true });
    expect(feed(truncated, '\0\0', '\0\0one\n', '\0two\n')).toEqual([undefined, ['one\n', 8], ['\0two\n', 13]]);
    expect(feed(new Progress(() => {}), '\0one\n')).toEqual([['\0one\n', 5]]);
  });

  it('calls `cut` for a line that is too long', () => {
    let cuts = 0;
    feed(new Progress(() => void (cuts += 1)), 'x'.repeat(70_000), '\n');
    expect(cuts).toBe(1);
  });
});
