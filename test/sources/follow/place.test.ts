import { appendFileSync, closeSync, fstatSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { identityOf, keyOf, parseCursor, Place, placeOf } from '../../../src/sources/follow/place.ts';
import { temporaryFolder } from '../../support/sources-reader.ts';

function openWith(text: string): { fd: number; path: string } {
  const path = join(temporaryFolder(), 'mail.log');
  writeFileSync(path, text);
  const fd = openSync(path, 'r');
  onTestFinished(() => closeSync(fd));
  return { fd, path };
}

const identity = { dev: '1', ino: '2', birth: '3' };
const LONG = Array.from({ length: 500 }, (_, index) => `line ${index}\n`).join('');

describe('Place', () => {
  it('gives what is new behind what was read, if that is still there', () => {
    const place = new Place();
    place.advance(Buffer.from('one\n'));
    expect(place.readFrom).toBe(0);
    expect(String(place.fresh(Buffer.from('one\ntwo\n')))).toBe('two\n');
    expect(place.fresh(Buffer.from('one\n'))).toHaveLength(0);
    expect(place.fresh(Buffer.from('ONE\ntwo\n'))).toBeUndefined();
    expect(place.fresh(Buffer.from('on'))).toBeUndefined();
  });

  it('remembers the last 1024 bytes, however they came', () => {
    const place = new Place();
    for (let start = 0; start < LONG.length; start += 7) place.advance(Buffer.from(LONG.slice(start, start + 7)));
    expect(place.offset).toBe(LONG.length);
    expect(place.readFrom).toBe(LONG.length - 1024);
    expect(place.fresh(Buffer.from(LONG.slice(-1024)))).toHaveLength(0);
    expect(place.fresh(Buffer.from(LONG.slice(-1025, -1)))).toBeUndefined();
  });

  it('makes a cursor that is found again in the same bytes, not in others', () => {
    const { fd } = openWith(LONG);
    const cursor = new Place().cursor(identity, Buffer.from(LONG), 2000, 0);
    expect(cursor).toMatchObject({ ...identity, offset: 2000 });
    expect(placeOf(fd, LONG.length, cursor)?.offset).toBe(2000);
    expect(placeOf(fd, 1999, cursor)).toBeUndefined();
    const other = openWith(LONG.replace('line 150\n', 'line 15x\n'));
    expect(placeOf(other.fd, LONG.length, cursor)).toBeUndefined();
  });

  it('knows a copy by its first bytes and by those before the place', () => {
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
});

describe('keyOf', () => {
  it('is that of the file, whatever happens to its name and its bytes', () => {
    const { fd, path } = openWith('one\n');
    const key = keyOf(identityOf(fstatSync(fd, { bigint: true })));
    appendFileSync(path, 'two\n');
    expect(keyOf(identityOf(fstatSync(fd, { bigint: true })))).toBe(key);
  });
});

describe('parseCursor', () => {
  it('reads what JSON.stringify made of a cursor', () => {
    const cursor = new Place().cursor(identity, Buffer.from('one\n'), 4, 5);
    expect(parseCursor(JSON.stringify(cursor))).toEqual(cursor);
  });

  it.each(['', 'null', '[]', '{"dev":"1"}', '{"dev":"1","ino":"2","birth":"3","offset":-1,"fingerprint":"","at":0}'])(
    'refuses %j',
    (text) => {
      expect(parseCursor(text)).toBeUndefined();
    },
  );
});
