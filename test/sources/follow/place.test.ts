import { appendFileSync, closeSync, fstatSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  cursorOfMissingLog,
  identityOf,
  keyOf,
  lastOf,
  parseCursor,
  Place,
  placeOf,
  shiftedPlaceOf,
} from '../../../src/sources/follow/place.ts';
import { temporaryFolder } from '../../support/sources/reader.ts';

function openWith(text: string): { fd: number; path: string } {
  const path = join(temporaryFolder(), 'mail.log');
  writeFileSync(path, text);
  const fd = openSync(path, 'r');
  onTestFinished(() => closeSync(fd));
  return { fd, path };
}

const identity = { dev: '1', ino: '2', birth: '3' };
const LONG = Array.from({ length: 500 }, (_, index) => `line ${index}\n`).join('');

/** The whole lines before the place behind this text. */
function linesBefore(text: string): string {
  const place = new Place();
  place.advance(Buffer.from(text));
  return String(place.linesBefore);
}

describe('Place', () => {
  it('returns the bytes after the known bytes, if a read contains the known bytes unchanged', () => {
    const place = new Place();
    place.advance(Buffer.from('one\n'));
    expect(place.readFrom).toBe(0);
    expect(String(place.newBytesIn(Buffer.from('one\ntwo\n')))).toBe('two\n');
    expect(place.newBytesIn(Buffer.from('one\n'))).toHaveLength(0);
    expect(place.newBytesIn(Buffer.from('ONE\ntwo\n'))).toBeUndefined();
    expect(place.newBytesIn(Buffer.from('on'))).toBeUndefined();
  });

  it('has the whole lines before it, and never the rest of a line whose start it does not have', () => {
    expect([linesBefore(''), linesBefore('one\ntwo\n')]).toEqual(['', 'one\ntwo\n']);
    expect(linesBefore(`${'x'.repeat(2000)}\nlast\n`)).toBe('last\n');
    expect(linesBefore('x'.repeat(2000))).toBe('');
    expect(linesBefore(LONG)).toMatch(/^line \d+\n/);
  });

  it('keeps the last 1024 bytes, in whatever pieces they arrived', () => {
    const place = new Place();
    for (let start = 0; start < LONG.length; start += 7) place.advance(Buffer.from(LONG.slice(start, start + 7)));
    expect(place.offset).toBe(LONG.length);
    expect(place.readFrom).toBe(LONG.length - 1024);
    expect(place.newBytesIn(Buffer.from(LONG.slice(-1024)))).toHaveLength(0);
    expect(place.newBytesIn(Buffer.from(LONG.slice(-1025, -1)))).toBeUndefined();
  });

  it('makes a cursor that matches only files with equal bytes', () => {
    const { fd } = openWith(LONG);
    const cursor = new Place().cursor(identity, Buffer.from(LONG), 2000, 0);
    expect(cursor).toMatchObject({ ...identity, offset: 2000 });
    expect(placeOf(fd, LONG.length, cursor)?.offset).toBe(2000);
    expect(placeOf(fd, 1999, cursor)).toBeUndefined();
    const other = openWith(LONG.replace('line 150\n', 'line 15x\n'));
    expect(placeOf(other.fd, LONG.length, cursor)).toBeUndefined();
  });

  it('recognises a copy by its first bytes and the bytes before the place', () => {
    const { fd } = openWith(LONG);
    const place = Place.in(fd, 3000);
    const copy = openWith(LONG.slice(0, 4000));
    expect(place.isIn(copy.fd)).toBe(true);
    expect(place.beginsLike(copy.fd, 4000)).toBe(true);
    const short = openWith(LONG.slice(0, 100));
    expect(place.isIn(short.fd)).toBe(false);
    expect(place.beginsLike(short.fd, 100)).toBe(true);
    const empty = openWith('');
    expect(place.beginsLike(empty.fd, 0)).toBe(false);
  });

  it('recognises a copy by its first bytes, even if those bytes arrived in several reads', () => {
    const place = new Place();
    for (const line of ['one\n', 'two\n']) place.advance(Buffer.from(line));
    const [copy, other] = [openWith('one\ntwo\nthree\n'), openWith('one\n2\nthree\n')];
    expect([place.beginsLike(copy.fd, 14), place.beginsLike(other.fd, 12)]).toEqual([true, false]);
  });
});

describe('a cursor', () => {
  it('matches a file that ends at its offset, and no shorter file', () => {
    const { fd } = openWith('one\ntwo\n');
    const cursor = new Place().cursor(identity, Buffer.from('one\ntwo\n'), 8, 0);
    expect(placeOf(fd, 8, cursor)?.offset).toBe(8);
    expect(placeOf(fd, 7, cursor)).toBeUndefined();
  });

  it('matches the start of any file if it was made without a log', () => {
    const { fd } = openWith('one\n');
    expect(placeOf(fd, 4, cursorOfMissingLog(5))?.offset).toBe(0);
    expect(cursorOfMissingLog(5)).toMatchObject({ ino: '', offset: 0, at: 5 });
  });
});

describe('lastOf', () => {
  it.each([
    [10, 5, 'a'.repeat(10) + 'b'.repeat(5)],
    [1020, 4, 'a'.repeat(1020) + 'b'.repeat(4)],
    [1020, 5, 'a'.repeat(1019) + 'b'.repeat(5)],
    [10, 1024, 'b'.repeat(1024)],
    [10, 5000, 'b'.repeat(1024)],
  ])('returns the last 1024 of %i and %i bytes', (before, next, expected) => {
    expect(lastOf(Buffer.alloc(before, 'a'), Buffer.alloc(next, 'b')).toString() === expected).toBe(true);
  });

  it('returns a copy of the bytes, because the next read overwrites the buffer', () => {
    const next = Buffer.alloc(2000, 'b');
    const last = lastOf(Buffer.alloc(0), next);
    next.fill('c');
    expect(last.includes('c')).toBe(false);
  });
});

describe('keyOf', () => {
  it('differs for files with different birth times, because inode numbers are used again', () => {
    expect(keyOf(identity)).not.toBe(keyOf({ ...identity, birth: '4' }));
  });

  it('does not change when lines are added to the file', () => {
    const { fd, path } = openWith('one\n');
    const key = keyOf(identityOf(fstatSync(fd, { bigint: true })));
    appendFileSync(path, 'two\n');
    expect(keyOf(identityOf(fstatSync(fd, { bigint: true })))).toBe(key);
  });
});

describe('parseCursor', () => {
  it('reads a cursor that JSON.stringify wrote', () => {
    const cursor = new Place().cursor(identity, Buffer.from('one\n'), 4, 5);
    expect(parseCursor(JSON.stringify(cursor))).toEqual(cursor);
    expect(parseCursor(JSON.stringify(cursorOfMissingLog(0)))).toEqual(cursorOfMissingLog(0));
  });

  it.each([
    '',
    'null',
    '[]',
    '{"dev":"1"}',
    '{"dev":"1","ino":"2","birth":"3","offset":-1,"fingerprint":"","at":0}',
    '{"dev":"1","ino":2,"birth":"3","offset":0,"fingerprint":"","at":0}',
    '{"dev":"1","ino":"2","birth":"3","offset":0.5,"fingerprint":"","at":0}',
  ])('refuses %j', (text) => {
    expect(parseCursor(text)).toBeUndefined();
  });
});

/** Returns the offset after the known lines when a file with the text `read` was rewritten with the text `text`. */
const shifted = (read: string, text: string): number | undefined => {
  const place = new Place();
  place.advance(Buffer.from(read));
  return place.shiftedIn(openWith(text).fd)?.offset;
};
/** Lines with the numbers from `from` to `to - 1`. */
const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => `line ${from + index} of many\n`).join('');

describe('the place in a rewritten file', () => {
  it.each([
    ['small', 5],
    ['large', 500],
  ])('is after the last line that was read of a %s file', (_, count) => {
    expect(shifted(lines(0, count), lines(1, count + 1))).toBe(lines(1, count).length);
    expect(shifted(lines(0, count), lines(count - 1, count + 9))).toBe(lines(count - 1, count).length);
    expect(shifted(lines(0, count), lines(1, count))).toBe(lines(1, count).length);
  });

  it('is after the part of a line that was read', () => {
    const read = `${lines(0, 5)}line 5 of`;
    expect(shifted(read, `${lines(3, 6)}line 6`)).toBe(`${lines(3, 5)}line 5 of`.length);
  });

  it('can be found with a cursor, if at least 1024 bytes were read before', () => {
    const { fd } = openWith(lines(0, 500));
    const cursor = Place.in(fd, lines(0, 500).length).cursor(identity, Buffer.alloc(0), 0, 0);
    const placeIn = (text: string): number | undefined => shiftedPlaceOf(openWith(text).fd, cursor)?.offset;
    expect(placeIn(lines(1, 501))).toBe(lines(1, 500).length);
    expect(placeIn(lines(400, 900))).toBe(lines(400, 500).length);
    expect(placeIn(lines(490, 900))).toBeUndefined();
    expect(placeIn('')).toBeUndefined();
    expect(shiftedPlaceOf(fd, { ...cursor, offset: 1023 })).toBeUndefined();
  });

  it('is undefined when the file contains none of the known lines, or when nothing was read before', () => {
    expect(shifted(lines(0, 5), lines(5, 9))).toBeUndefined();
    expect(shifted(lines(0, 500), lines(500, 900))).toBeUndefined();
    expect(shifted(lines(0, 5), '')).toBeUndefined();
    expect(shifted('', lines(0, 5))).toBeUndefined();
  });

  it('is not inside a line that only ends like a known line', () => {
    expect(shifted('one\n', 'and one\ntwo\n')).toBeUndefined();
  });
});
