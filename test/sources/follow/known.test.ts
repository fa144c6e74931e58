import { appendFileSync, closeSync, copyFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { KnownFiles, SCANS } from '../../../src/sources/follow/known.ts';
import { Place, type Cursor } from '../../../src/sources/follow/place.ts';
import { Progress } from '../../../src/sources/follow/progress.ts';
import { closeAll, openFile } from '../../../src/sources/follow/rotation.ts';
import { temporaryFolder } from '../../support/sources/reader.ts';
import { limitsSettable, withoutDescriptors } from '../../support/limits.ts';

/** A text of more than 1024 bytes. Two files begin alike when their first 1024 bytes are equal. */
const LONG = 'one\n'.repeat(500);

let path: string;
let known: KnownFiles;
/** The keys that scans have found. */
let sighted: string[];

beforeEach(() => {
  path = join(temporaryFolder(), 'mail.log');
  sighted = [];
  known = new KnownFiles((key) => void sighted.push(key));
});

const keyAt = (name: string): string => {
  const file = openFile(name);
  if (file) closeSync(file.fd);
  return file?.key ?? '';
};

/** The progress in a file that has been read up to `offset`. */
const progressIn = (name: string, offset: number): Progress => {
  const file = openFile(name);
  const progress = new Progress(() => {}, { place: Place.in(file?.fd ?? -1, offset) });
  if (file) closeSync(file.fd);
  return progress;
};

/** Scans the directory, and returns the suffixes of the files that were found. */
const scan = (skip: (key: string) => boolean = () => false): string[] => {
  const files = known.openUnread(path, skip) ?? [];
  closeAll(files);
  return files.map((file) => file.path.slice(path.length)).toSorted();
};

describe('KnownFiles', () => {
  it('returns the unread files that are neither skipped nor ignored', () => {
    for (const name of ['.1', '.2', '.3']) writeFileSync(path + name, name);
    known.ignore([keyAt(`${path}.1`)]);
    const skipped = keyAt(`${path}.2`);
    expect(scan((key) => key === skipped)).toEqual(['.3']);
    expect(scan()).toEqual(['.2', '.3']);
  });

  it.runIf(limitsSettable).each([0, 1])(
    'returns undefined while only %d descriptors are free, and returns all files afterwards',
    async (left) => {
      for (const name of ['.1', '.2']) writeFileSync(path + name, name);
      expect(await withoutDescriptors(() => known.openUnread(path, () => false), left)).toBeUndefined();
      expect(scan()).toEqual(['.1', '.2']);
    },
  );

  it('remembers how far a file was read, even if the file is renamed later', () => {
    writeFileSync(`${path}.1`, 'one\ntwo\n');
    const progress = progressIn(`${path}.1`, 4);
    known.leave(keyAt(`${path}.1`), progress);
    renameSync(`${path}.1`, `${path}.2`);
    expect(known.progress(keyAt(`${path}.2`))).toBe(progress);
    expect(known.offset(keyAt(`${path}.2`))).toBe(4);
    expect(known.offset('unknown')).toBe(0);
  });

  it('begins a file at the cursor of another log, unless the file has other bytes before that place', () => {
    writeFileSync(path, 'one\ntwo\n');
    const file = openFile(path);
    if (!file) throw new Error('no file');
    const cursor = Place.in(file.fd, 4).cursor(file.identity, Buffer.alloc(0), 0, 0);
    const begun = (left: Cursor | undefined): number =>
      new KnownFiles(
        () => {},
        (key) => (key === file.key ? left : undefined),
      ).progressIn(file, () => {}).place.offset;
    expect([begun(cursor), begun(undefined), begun({ ...cursor, fingerprint: 'x' }), begun({ ...cursor, offset: 90 })]).toEqual([
      4, 0, 0, 0,
    ]);
    closeSync(file.fd);
  });
});

describe('the copy of a truncated file', () => {
  it('is read from the place that was reached in the original', () => {
    writeFileSync(path, 'one\ntwo\nthree\n');
    const progress = progressIn(path, 8);
    known.awaitCopy(progress, 'truncated');
    copyFileSync(path, `${path}.1`);
    expect(known.awaits(progress)).toBe(true);
    expect(scan()).toEqual(['.1']);
    expect(known.progress(keyAt(`${path}.1`))).toBe(progress);
    expect(known.awaits(progress)).toBe(false);
  });

  it('is used even if it ends exactly at the place that was reached in the original', () => {
    writeFileSync(path, 'one\ntwo\n');
    const progress = progressIn(path, 8);
    known.awaitCopy(progress, 'truncated');
    copyFileSync(path, `${path}.1`);
    expect(scan()).toEqual(['.1']);
    expect(known.progress(keyAt(`${path}.1`))).toBe(progress);
  });

  it('is not returned if it ends before the place that was reached in the original', () => {
    writeFileSync(path, 'one\ntwo\n');
    const progress = progressIn(path, 8);
    writeFileSync(`${path}.1`, 'one\n');
    known.awaitCopy(progress, 'truncated');
    expect(scan()).toEqual([]);
    expect(known.awaits(progress)).toBe(false);
    expect(scan()).toEqual([]);
  });

  it('is distinguished from a file that only begins like the original', () => {
    writeFileSync(path, `${LONG}two\nthree\n`);
    const progress = progressIn(path, LONG.length + 4);
    known.awaitCopy(progress, 'truncated');
    writeFileSync(`${path}.1`, `${LONG}TWO\nand more\n`);
    expect(scan()).toEqual(['.1']);
    expect(known.progress(keyAt(`${path}.1`))).toBeUndefined();
    expect(known.awaits(progress)).toBe(true);
  });

  it('is assigned to the original with equal bytes, even if another original has an equal beginning', () => {
    writeFileSync(path, `${LONG}two\n`);
    const first = progressIn(path, LONG.length + 4);
    writeFileSync(path, `${LONG}TWO\n`);
    const second = progressIn(path, LONG.length + 4);
    known.awaitCopy(first, 'truncated');
    known.awaitCopy(second, 'truncated');
    copyFileSync(path, `${path}.1`);
    scan();
    expect(known.progress(keyAt(`${path}.1`))).toBe(second);
    expect([known.awaits(first), known.awaits(second)]).toEqual([true, false]);
  });

  it('is awaited for the last eight truncated files', () => {
    writeFileSync(path, 'one\n');
    const all = Array.from({ length: 9 }, () => progressIn(path, 4));
    for (const progress of all) known.awaitCopy(progress, 'truncated');
    expect(all.map((progress) => known.awaits(progress))).toEqual([false, ...Array.from({ length: 8 }, () => true)]);
  });
});

/** Writes the text to the log, and returns the earlier progress that `regained` finds in it. */
const rewritten = (text: string): Progress | undefined => {
  writeFileSync(path, text);
  const file = openFile(path);
  if (!file) throw new Error('it was just written');
  const regained = known.regained(file);
  closeSync(file.fd);
  return regained;
};

describe('a truncated file', () => {
  it('is read on behind the lines that were read before when it contains these lines again', () => {
    writeFileSync(path, 'one\ntwo\n');
    const progress = progressIn(path, 8);
    known.awaitCopy(progress, keyAt(path));
    expect(rewritten('')).toBeUndefined();
    expect(rewritten('two\nthree\n')).toBe(progress);
    expect(progress.place.offset).toBe(4);
    expect(known.awaits(progress)).toBe(false);
    expect(rewritten('two\nthree\n')).toBeUndefined();
  });

  it('is compared with its earlier content at only three reads', () => {
    writeFileSync(path, 'one\ntwo\n');
    const progress = progressIn(path, 8);
    known.awaitCopy(progress, keyAt(path));
    for (const text of ['x\n', 'x\ny\n', 'x\ny\nz\n']) expect(rewritten(text)).toBeUndefined();
    expect(rewritten('two\nthree\n')).toBeUndefined();
    expect(known.awaits(progress)).toBe(true);
  });

  it('is compared only with its own earlier content', () => {
    writeFileSync(path, 'one\ntwo\n');
    known.awaitCopy(progressIn(path, 8), 'another');
    expect(rewritten('two\nthree\n')).toBeUndefined();
  });
});

describe('a known file', () => {
  beforeEach(() => writeFileSync(`${path}.1`, 'one\n'));

  it('is reported by every scan that finds it', () => {
    scan();
    expect(sighted).toEqual([keyAt(`${path}.1`)]);
  });

  it(`is forgotten after ${SCANS} successive scans that did not find it, and not before`, () => {
    known.leave('gone', progressIn(`${path}.1`, 4));
    known.ignore(['gone too']);
    known.leave(keyAt(`${path}.1`), progressIn(`${path}.1`, 4));
    for (let count = 1; count < SCANS; count += 1) scan();
    expect(known.offset('gone')).toBe(4);
    scan();
    expect(known.offset('gone')).toBe(0);
    expect(known.offset(keyAt(`${path}.1`))).toBe(4);
  });

  it(`is remembered if one of the last ${SCANS} scans found it`, () => {
    const key = keyAt(`${path}.1`);
    known.leave(key, progressIn(`${path}.1`, 4));
    scan();
    renameSync(`${path}.1`, `${path}-elsewhere`);
    for (let count = 1; count < SCANS; count += 1) scan();
    expect(known.offset(key)).toBe(4);
    for (let count = 0; count < SCANS; count += 1) scan();
    expect(known.offset(key)).toBe(0);
  });

  it('is remembered while it is the log, or waits to be read', () => {
    known.leave('log', progressIn(`${path}.1`, 4));
    unlinkSync(`${path}.1`);
    for (let count = 0; count < 2 * SCANS; count += 1) scan((key) => key === 'log');
    expect(known.offset('log')).toBe(4);
  });

  it('stays ignored, whatever is written to it', () => {
    known.ignore([keyAt(`${path}.1`)]);
    expect(scan()).toEqual([]);
    appendFileSync(`${path}.1`, 'two\n');
    expect(scan()).toEqual([]);
  });
});
