import { appendFileSync, mkdirSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { Place, type Cursor } from '../../../../src/sources/follow/place.ts';
import { linesAfter, pathsFrom } from '../../../../src/sources/follow/resume/gzip.ts';
import { textOf } from '../../../support/sources/files.ts';
import { temporaryFolder } from '../../../support/sources/reader.ts';

let path: string;

beforeEach(() => {
  path = join(temporaryFolder(), 'mail.log');
});

/** The cursor after `text` at the start of a file that no longer exists. */
const cursorAfter = (text: string): Cursor =>
  new Place().cursor({ dev: '1', ino: '2', birth: '3' }, Buffer.from(text), text.length, 0);

/** Writes a file beside the log, and returns its path. `second`: its modification time. */
function write(name: string, bytes: string | Buffer, second: number): string {
  writeFileSync(path + name, bytes);
  utimesSync(path + name, second, second);
  return path + name;
}

async function read(
  paths: readonly string[],
  cursor: Cursor,
): Promise<{ text: string; cursors: Cursor[]; cuts: number; damages: string[] }> {
  let text = '';
  let cuts = 0;
  const damages: string[] = [];
  const cursors: Cursor[] = [];
  const ports = { clock: () => 7, cut: () => void (cuts += 1), damaged: (what: string) => void damages.push(what) };
  for await (const { bytes, cursor: after } of linesAfter(paths, cursor, ports)) {
    text += bytes.toString('latin1');
    cursors.push(after);
  }
  return { text, cursors, cuts, damages };
}

describe('pathsFrom', () => {
  const cursor = cursorAfter(textOf(1, 2));

  it('returns the file that contains the place, and all newer files, the oldest first', async () => {
    write('.4.gz', gzipSync(textOf(8, 9)), 1);
    const place = write('.3.gz', gzipSync(textOf(1, 3)), 2);
    const newer = [write('.2.gz', gzipSync(textOf(4, 4)), 3), write('.1.gz', gzipSync(textOf(5, 5)), 4)];
    expect(await pathsFrom(path, cursor)).toEqual([place, ...newer]);
  });

  it('finds the place by the bytes before the place, also at the end of a file', async () => {
    write('.1.gz', gzipSync(textOf(1, 1)), 1);
    write('.2.gz', gzipSync(textOf(3, 9)), 1);
    expect(await pathsFrom(path, cursor)).toEqual([]);
    const end = write('.3.gz', gzipSync(textOf(1, 2)), 1);
    expect((await pathsFrom(path, cursor))[0]).toBe(end);
  });

  it('searches only the five newest files', async () => {
    const place = write('.6.gz', gzipSync(textOf(1, 2)), 1);
    for (const number of [5, 4, 3, 2]) write(`.${number}.gz`, gzipSync(textOf(8, 9)), 10 - number);
    expect(await pathsFrom(path, cursor)).toHaveLength(5);
    write('.1.gz', gzipSync(textOf(8, 9)), 10);
    expect(await pathsFrom(path, cursor)).toEqual([]);
    utimesSync(place, 11, 11);
    expect(await pathsFrom(path, cursor)).toEqual([place]);
  });

  it('searches only files of at most 64 MiB', async () => {
    const place = write('.1.gz', gzipSync(textOf(1, 2)), 1);
    truncateSync(place, 67_108_864);
    expect(await pathsFrom(path, cursor)).toEqual([place]);
    truncateSync(place, 67_108_865);
    expect(await pathsFrom(path, cursor)).toEqual([]);
  });

  it('skips folders and links that lead nowhere', async () => {
    const place = write('.6.gz', gzipSync(textOf(1, 2)), 1);
    for (const number of [1, 2]) mkdirSync(`${path}.${number}.gz`);
    for (const number of [3, 4, 5]) symlinkSync(`mail.log.${number}.gz`, `${path}.${number}.gz`);
    expect(await pathsFrom(path, cursor)).toEqual([place]);
  });

  it('skips files that are damaged, or compressed in another format', async () => {
    write('.1.gz', gzipSync(textOf(1, 9)).subarray(0, 30), 3);
    write('.2.xz', gzipSync(textOf(1, 2)), 2);
    const place = write('.3.gz', gzipSync(textOf(1, 2)), 1);
    expect((await pathsFrom(path, cursor))[0]).toBe(place);
  });
});

describe('linesAfter', () => {
  it('returns the lines after the place in the first file, and all lines of the next file', async () => {
    const paths = [write('.2.gz', gzipSync(textOf(1, 4)), 1), write('.1.gz', gzipSync(textOf(5, 6)), 2)];
    const { text, cursors } = await read(paths, cursorAfter(textOf(1, 2)));
    expect(text).toBe(textOf(3, 6));
    expect(cursors.map(({ offset, at }) => [offset, at])).toEqual([
      [textOf(1, 4).length, 7],
      [textOf(5, 6).length, 7],
    ]);
    expect(cursors[0]?.fingerprint).toBe(cursorAfter(textOf(1, 4)).fingerprint);
  });

  it('returns a last line without a newline, with a cursor after that line', async () => {
    const { text, cursors } = await read([write('.1.gz', gzipSync(`${textOf(1, 2)}last`), 1)], cursorAfter(textOf(1, 2)));
    expect(text).toBe('last\n');
    expect(cursors.at(-1)?.offset).toBe(textOf(1, 2).length + 4);
  });

  it('finds the place in files of several megabytes', async () => {
    const long = textOf(1, 60_000);
    const place = long.indexOf('\n', 2_500_000) + 1;
    const { text } = await read([write('.1.gz', gzipSync(long), 1)], cursorAfter(long.slice(0, place)));
    expect(text === long.slice(place)).toBe(true);
  });

  it('cuts a line that is too long', async () => {
    const { text, cuts } = await read([write('.1.gz', gzipSync(`${'x'.repeat(3_000_000)}\nnext\n`), 1)], cursorAfter(''));
    expect(text.split('\n').map((line) => line.length)).toEqual([65_536, 4, 0]);
    expect(cuts).toBe(1);
  });

  it('gives the lines before the damage of a file, reports it in one line, and goes on with the next file', async () => {
    const place = write('.2.gz', gzipSync(textOf(1, 3)), 1);
    appendFileSync(place, gzipSync(textOf(4, 4)).subarray(0, 20));
    const { text, damages } = await read([place, write('.1.gz', gzipSync(textOf(5, 5)), 2)], cursorAfter(textOf(1, 2)));
    expect(text.startsWith(textOf(3, 3)) && text.endsWith(`\n${textOf(5, 5)}`)).toBe(true);
    expect(text.split('\n')).toHaveLength(4); // One of them is the half line before the damage.
    expect(damages).toEqual([
      expect.stringMatching(/^\S+\.2\.gz: the gzip file ends in the middle, .*; its other lines are lost$/),
    ]);
  });
});
