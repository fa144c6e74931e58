import {
  appendFileSync,
  copyFileSync,
  fstatSync,
  mkdirSync,
  renameSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { cursorOfMissingLog, keyOf, type Cursor } from '../../../../src/sources/follow/place.ts';
import type { Lines } from '../../../../src/sources/follow/progress.ts';
import { beginningOf, type Beginning, type From } from '../../../../src/sources/follow/resume/resume.ts';
import { closeAll, openFile } from '../../../../src/sources/follow/rotation.ts';
import { nextTick, rotate, textOf } from '../../../support/sources/files.ts';
import { temporaryFolder } from '../../../support/sources/reader.ts';

const NOW = 1_795_564_996_789;

let folder: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'mail.log');
});

const beginning = (from: From): Promise<Beginning> =>
  beginningOf(path, from, { clock: () => NOW, cut: () => {}, damaged: () => {} });

/** Returns where reading begins. Closes the file that was opened. */
async function found(from: From): Promise<Beginning> {
  const all = await beginning(from);
  if (all.file) closeAll([all.file]);
  return all;
}

/** The cursor at the present end of the log. */
async function cursorAtEnd(): Promise<Cursor> {
  return (await found('end')).cursor ?? cursorOfMissingLog(0);
}

const keyAt = (name: string): string => {
  const file = openFile(name);
  if (file) closeAll([file]);
  return file?.key ?? '';
};

async function linesOf(unread: AsyncIterable<Lines>): Promise<string> {
  let text = '';
  for await (const { bytes } of unread) text += bytes.toString();
  return text;
}

describe('the beginning without a cursor', () => {
  it('is the start of the log, and all rotated files are ignored', async () => {
    writeFileSync(path, textOf(1, 2));
    writeFileSync(`${path}.1`, '');
    writeFileSync(`${path}.2.gz`, '');
    const { file, place, ignored, cursor } = await beginning('start');
    expect(fstatSync(file?.fd ?? -1).size).toBe(textOf(1, 2).length);
    closeAll(file ? [file] : []);
    expect(place.offset).toBe(0);
    expect(ignored).toEqual([keyAt(`${path}.1`)]);
    expect(cursor).toBeUndefined();
  });

  it('is the end of the last complete line, and has a cursor', async () => {
    writeFileSync(path, `${textOf(1, 2)}unfinished`);
    const { place, cursor, file } = await found('end');
    expect(place.offset).toBe(textOf(1, 2).length);
    expect(cursor).toMatchObject({ offset: textOf(1, 2).length, at: NOW });
    expect(keyOf(cursor ?? cursorOfMissingLog(0))).toBe(file?.key);
  });

  it.each([
    ['a file without a newline, where reading begins at the start', 'x'.repeat(8192), 0],
    ['a file whose last newline is the first byte of the last 8 KiB', `xx\n${'x'.repeat(8191)}`, 3],
    [
      'a file whose last newline is before the last 8 KiB, where reading begins in the middle of the long line',
      `xx\n${'x'.repeat(8192)}`,
      8195,
    ],
    ['an empty file', '', 0],
  ])('is found in the last 8 KiB of %s', async (_, text, offset) => {
    writeFileSync(path, text);
    expect((await found('end')).place.offset).toBe(offset);
  });

  it('is the start of the log that will be created when no log exists', async () => {
    expect(await beginning('end')).toMatchObject({ file: undefined, cursor: cursorOfMissingLog(NOW) });
    expect((await beginning('start')).file).toBeUndefined();
  });

  it('cannot be found when the log cannot be opened', async () => {
    mkdirSync(path);
    await expect(beginning('end')).rejects.toMatchObject({ code: 'EISDIR' });
    await expect(beginning(cursorOfMissingLog(0))).rejects.toMatchObject({ code: 'EISDIR' });
  });
});

describe('the beginning at a cursor', () => {
  let cursor: Cursor;

  beforeEach(async () => {
    writeFileSync(path, textOf(1, 2));
    cursor = await cursorAtEnd();
  });

  it('is the place of the cursor in the log, and all rotated files count as read', async () => {
    writeFileSync(`${path}.1`, textOf(8, 9));
    appendFileSync(path, textOf(3, 3));
    const { file, place, ignored, lost } = await found(cursor);
    expect(file?.path).toBe(path);
    expect(place.offset).toBe(cursor.offset);
    expect(ignored).toEqual([keyAt(`${path}.1`)]);
    expect(lost).toBeUndefined();
  });

  it('is in the rotated file that was the log, and only older files count as read', async () => {
    writeFileSync(`${path}.3`, textOf(8, 9));
    utimesSync(`${path}.3`, 1, 1);
    rotate(path, `${path}.2`, textOf(3, 3));
    nextTick(folder);
    appendFileSync(path, textOf(4, 4));
    rotate(path, `${path}.1`, '');
    const { file, ignored } = await found(cursor);
    expect(file?.path).toBe(`${path}.2`);
    expect(ignored).toEqual([keyAt(`${path}.3`)]);
  });

  it('is in the copy of a truncated log', async () => {
    copyFileSync(path, `${path}.1`);
    truncateSync(path);
    const { file, place } = await found(cursor);
    expect(file?.path).toBe(`${path}.1`);
    expect(place.offset).toBe(cursor.offset);
  });

  it('is in the file that was the log, and not in a newer copy of it', async () => {
    rotate(path, `${path}.2`, '');
    nextTick(folder);
    copyFileSync(`${path}.2`, `${path}.1`);
    expect((await found(cursor)).file?.path).toBe(`${path}.2`);
  });

  it('is in the newest of several copies', async () => {
    copyFileSync(path, `${path}.2`);
    utimesSync(`${path}.2`, 1, 1);
    copyFileSync(path, `${path}.1`);
    truncateSync(path);
    expect((await found(cursor)).file?.path).toBe(`${path}.1`);
  });

  it('is in a gzip file whose unread lines come first, and files that changed earlier count as read', async () => {
    writeFileSync(`${path}.3`, textOf(8, 9));
    writeFileSync(`${path}.2.gz`, gzipSync(textOf(1, 3)));
    writeFileSync(`${path}.1`, textOf(4, 4));
    for (const [name, time] of [
      ['.3', 1],
      ['.2.gz', 2],
      ['.1', 2],
    ] as const)
      utimesSync(path + name, time, time);
    unlinkSync(path);
    const { file, unread, ignored, lost } = await found(cursor);
    expect(file).toBeUndefined();
    expect(await linesOf(unread)).toBe(textOf(3, 3));
    expect(ignored).toEqual([keyAt(`${path}.3`)]);
    expect(lost).toBeUndefined();
  });

  it('is in the files that changed after the time of the cursor when the cursor matches no file, and a loss is reported', async () => {
    unlinkSync(path);
    for (const [name, after] of [
      ['.3', -1],
      ['.2', 0],
      ['.1', 1],
    ] as const) {
      writeFileSync(path + name, textOf(8, 9));
      utimesSync(path + name, NOW / 1000, (Math.trunc(NOW / 1000) * 1000 + 789 + after) / 1000);
    }
    const { file, ignored, lost } = await found({ ...cursor, at: NOW });
    expect(file).toBeUndefined();
    expect(ignored).toEqual([keyAt(`${path}.3`)]);
    expect(lost).toMatch(/^neither this file nor a rotated file holds the place where reading stopped; .* lines may be lost$/);
  });

  it('is reported without a loss when the cursor was made without a log', async () => {
    const { file, place, lost, ignored } = await found(cursorOfMissingLog(NOW));
    expect([file, place.offset, lost]).toEqual([undefined, 0, undefined]);
    expect(ignored).toEqual([]);
  });

  it('is not at the start of another file when the cursor is at the start of a deleted file', async () => {
    truncateSync(path);
    const empty = { ...(await cursorAtEnd()), at: 0 };
    expect(empty.offset).toBe(0);
    expect((await found(empty)).file?.path).toBe(path);
    unlinkSync(path);
    nextTick(folder);
    writeFileSync(`${path}.1`, textOf(1, 1));
    writeFileSync(`${path}.2.gz`, gzipSync(textOf(8, 9)));
    writeFileSync(path, textOf(2, 2));
    const { file, ignored, lost, unread } = await found(empty);
    expect([file, ignored]).toEqual([undefined, []]);
    expect(await linesOf(unread)).toBe('');
    expect(lost).toMatch(/lines may be lost$/);
  });

  it('leaves only the returned file open', async () => {
    renameSync(path, `${path}.2`);
    writeFileSync(`${path}.1`, textOf(8, 9));
    writeFileSync(path, textOf(3, 3));
    const probe = openFile(path);
    closeAll(probe ? [probe] : []);
    const { file } = await beginning(cursor);
    closeAll(file ? [file] : []);
    const next = openFile(path);
    closeAll(next ? [next] : []);
    // The system assigns the lowest free descriptor, so no lower descriptor was left open.
    expect(next?.fd).toBe(probe?.fd);
  });
});
