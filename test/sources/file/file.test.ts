import {
  appendFileSync,
  closeSync,
  copyFileSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { FileSource } from '../../../src/sources/file/file.ts';
import type { FileOptions } from '../../../src/sources/options.ts';
import type { Source } from '../../../src/words/walk.ts';
import { until } from '../../support/until.ts';
import { numbered, textOf as text } from '../../support/sources/files.ts';
import { Reader, recordingLog, temporaryFolder } from '../../support/sources/reader.ts';

let folder: string;
let path: string;
let log: ReturnType<typeof recordingLog>;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'mail.log');
  log = recordingLog();
});

const source = (options: Partial<FileOptions> = {}): Source =>
  new FileSource({ type: 'file', path, ...options }, { log, clock: Date.now, poll: 50 });
const fromStart = (): Reader => new Reader(source({ from: 'start' }));

/** Reads `count` lines, stops, and returns the cursor. */
const stopAfter = async (count: number): Promise<string> => {
  const reader = fromStart();
  await reader.line(count);
  await reader.stop();
  return reader.cursor ?? '';
};

const file = (name: string): string => join(folder, name);

describe('the state of a followed file', () => {
  it('A3: has a fault while the log does not exist yet or cannot be opened, and none while the log is read', async () => {
    const live = source({ from: 'start' });
    const reader = new Reader(live);
    const state = () => live.stats?.();
    await until('the watch', () => state()?.state === 'waiting for the file');
    expect(state()).toEqual({ state: 'waiting for the file', lines: 0, bytes: 0, fault: `${path}: does not exist yet` });
    mkdirSync(path);
    await until('the fault', () => state()?.blind === true);
    expect(state()).toEqual({
      state: 'is a directory, tried again every second',
      lines: 0,
      bytes: 0,
      fault: `${path}: is a directory, name the files in it (${path}/*)`,
      blind: true,
    });
    rmSync(path, { recursive: true });
    writeFileSync(path, text(1, 1));
    await reader.line(1);
    expect(state()).toEqual({ state: 'following 1 file', lines: 1, bytes: text(1, 1).length });
  });

  it('has a fault while no file matches its pattern yet', async () => {
    const live = source({ path: file('*.log') });
    const reader = new Reader(live);
    await reader.begun();
    expect(live.stats?.()).toMatchObject({ state: 'waiting for the file', fault: `${file('*.log')}: matches no file yet` });
  });
});

describe('a followed file', () => {
  it('is read from its end at the first start, and has a cursor at once', async () => {
    writeFileSync(path, text(1, 3));
    const reader = new Reader(source());
    await reader.begun();
    expect(JSON.parse(reader.cursor ?? '')).toMatchObject({ offset: text(1, 3).length });
    appendFileSync(path, text(4, 5));
    await reader.line(2);
    expect(reader.lines).toEqual(numbered(4, 5));
  });

  it('is read from its start when `from` is start', async () => {
    writeFileSync(path, text(1, 3));
    const reader = fromStart();
    await reader.line(3);
    expect(reader.lines).toEqual(numbered(1, 3));
  });

  it('returns each line as soon as the line is written, and counts lines and bytes', async () => {
    writeFileSync(path, '');
    const followed = source();
    const reader = new Reader(followed);
    await reader.begun();
    for (let line = 1; line <= 5; line += 1) {
      appendFileSync(path, text(line, line));
      await reader.line(line);
    }
    expect(followed.stats?.()).toEqual({ state: 'following 1 file', lines: 5, bytes: text(1, 5).length });
  });

  it('has new lines with the instant at which it ended before them, and at a start with its birth', async () => {
    const began = Date.now();
    writeFileSync(path, text(1, 1));
    const reader = new Reader(source());
    await reader.begun();
    appendFileSync(path, text(2, 2));
    await reader.line(1);
    const cursor = reader.cursor ?? '';
    await reader.stop();
    expect(reader.after).toEqual([expect.any(Number)]);
    expect(reader.after[0]).toBeGreaterThanOrEqual(began);
    appendFileSync(path, text(3, 3));
    const resumed = new Reader(source(), cursor);
    await resumed.line(1);
    appendFileSync(path, text(4, 4));
    await resumed.line(2);
    expect(resumed.after[0]).toBeLessThan(resumed.after[1] ?? 0);
    expect(resumed.after[0]).toBe(Number(statSync(path, { bigint: true }).birthtimeNs / 1_000_000n));
  });

  it('P19: returns a line only when its newline is written', async () => {
    writeFileSync(path, 'first\nsecond from a[192.0.');
    const reader = fromStart();
    await reader.line(1);
    await sleep(200);
    expect(reader.lines).toEqual(['first']);
    appendFileSync(path, '2.1]\n');
    await reader.line(2);
    expect(reader.lines).toEqual(['first', 'second from a[192.0.2.1]']);
  });

  it('P19: is read from the start of its last line at the first start when that line is incomplete', async () => {
    writeFileSync(path, 'first\nsecond, half');
    const reader = new Reader(source());
    await reader.begun();
    appendFileSync(path, ' and half\n');
    await reader.line(1);
    expect(reader.lines).toEqual(['second, half and half']);
  });

  it('P20: returns the first 64 KiB of a line of 5 MB, logs the cut once, and continues with the next line', async () => {
    writeFileSync(path, `${'x'.repeat(5_000_000)}\n${text(1, 2)}`);
    const reader = fromStart();
    await reader.line(3);
    expect(reader.lines.map((line) => line.length)).toEqual([65_536, ...numbered(1, 2).map((line) => line.length)]);
    expect(log.texts.filter((said) => said.includes('cut'))).toHaveLength(1);
  });

  it('returns bytes unchanged, also NULs, invalid UTF-8, U+2028 and carriage returns', async () => {
    const bytes = Buffer.from([0x61, 0x00, 0xff, 0xfe, 0xe2, 0x80, 0xa8, 0x0d, 0x62, 0x0a]);
    writeFileSync(path, bytes);
    const reader = fromStart();
    await reader.line(1);
    expect(reader.lines).toEqual([bytes.toString('latin1', 0, 9)]);
  });

  it('loses no line while its reader is slow', async () => {
    writeFileSync(path, '');
    const reader = new Reader(source());
    await reader.begun();
    reader.hold();
    for (let line = 1; line <= 2000; line += 1) appendFileSync(path, text(line, line));
    await sleep(100);
    expect(reader.lines.length).toBeLessThan(2000);
    reader.release();
    await reader.line(2000);
    expect(reader.lines).toEqual(numbered(1, 2000));
  });

  it('R05: is read from its start when it is created later, even if its directory is missing first', async () => {
    path = join(folder, 'later', 'mail.log');
    const reader = new Reader(source());
    await sleep(100);
    mkdirSync(join(folder, 'later'));
    await sleep(100);
    writeFileSync(path, text(1, 2));
    await reader.line(2);
    unlinkSync(path);
    await sleep(100);
    writeFileSync(path, text(3, 4));
    await reader.line(4);
    rmSync(join(folder, 'later'), { recursive: true });
    await sleep(200);
    mkdirSync(join(folder, 'later'));
    writeFileSync(path, text(5, 6));
    await reader.line(6);
    expect(reader.lines).toEqual(numbered(1, 6));
  });

  it('R05: is read from its start when it was created while the program did not run', async () => {
    const reader = new Reader(source());
    await reader.begun();
    await reader.stop();
    writeFileSync(path, text(1, 1));
    renameSync(path, file('mail.log.1'));
    writeFileSync(path, text(2, 3));
    const next = new Reader(source(), reader.cursor);
    await next.line(3);
    expect(next.lines).toEqual(numbered(1, 3));
    expect(log.texts).toEqual([]);
  });

  it('may be a symbolic link, and is read at the new target when the link changes', async () => {
    mkdirSync(join(folder, 'real'));
    writeFileSync(join(folder, 'real', 'one.log'), text(1, 1));
    symlinkSync('real/one.log', path);
    const reader = fromStart();
    await reader.line(1);
    appendFileSync(join(folder, 'real', 'one.log'), text(2, 2));
    await reader.line(2);
    writeFileSync(join(folder, 'real', 'two.log'), text(3, 3));
    unlinkSync(path);
    symlinkSync('real/two.log', path);
    await reader.line(3);
    expect(reader.lines).toEqual(numbered(1, 3));
  });

  it.each([
    ['a directory', (): void => mkdirSync(path), /mail\.log: is a directory, name the files in it \(.*mail\.log\/\*\)$/],
    ['a device', (): void => symlinkSync('/dev/zero', path), /mail\.log: is not a regular file$/],
  ])('leads to an error of one line when it is %s', async (_, make, expected) => {
    make();
    const reader = new Reader(source());
    await until('the refusal', () => reader.failure !== undefined);
    expect(reader.failure).toMatchObject({ name: 'SourceError', message: expect.stringMatching(expected) });
  });
});

describe('a rotated file', () => {
  it('R01: returns the unread lines of the old file, and then the lines of the new file', async () => {
    writeFileSync(path, text(1, 5));
    const reader = fromStart();
    reader.hold();
    await reader.line(5);
    appendFileSync(path, text(6, 8));
    renameSync(path, `${path}.1`);
    writeFileSync(path, text(9, 10));
    reader.release();
    await reader.line(10);
    expect(reader.lines).toEqual(numbered(1, 10));
  });

  it('is still read until the writer has written to the new file', async () => {
    const writer = openSync(path, 'a');
    writeSync(writer, text(1, 2));
    const reader = fromStart();
    await reader.line(2);
    renameSync(path, `${path}.1`);
    writeFileSync(path, '');
    await sleep(100);
    writeSync(writer, text(3, 4));
    await reader.line(4);
    closeSync(writer);
    appendFileSync(path, text(5, 6));
    await reader.line(6);
    expect(reader.lines).toEqual(numbered(1, 6));
  });

  it('returns the lines of every file in order after several rotations between two polls', async () => {
    writeFileSync(path, text(1, 2));
    const reader = fromStart();
    reader.hold();
    await reader.line(2);
    for (const line of [3, 4, 5]) {
      for (const number of [2, 1]) {
        try {
          renameSync(`${path}.${number}`, `${path}.${number + 1}`);
        } catch {
          // The file is not created yet.
        }
      }
      renameSync(path, `${path}.1`);
      writeFileSync(path, text(line, line));
    }
    reader.release();
    await reader.line(5);
    expect(reader.lines).toEqual(numbered(1, 5));
  });

  it('returns a last line without a newline before the first line of the new file', async () => {
    writeFileSync(path, `${text(1, 1)}no newline`);
    const reader = fromStart();
    await reader.line(1);
    renameSync(path, `${path}.1`);
    writeFileSync(path, text(2, 2));
    await reader.line(3);
    expect(reader.lines).toEqual([...numbered(1, 1), 'no newline', ...numbered(2, 2)]);
  });

  it('returns no line of rotated files that existed before the start', async () => {
    writeFileSync(`${path}.1`, text(1, 3));
    writeFileSync(`${path}-20261124`, text(1, 3));
    writeFileSync(path, text(4, 4));
    const reader = fromStart();
    await reader.line(1);
    renameSync(`${path}.1`, `${path}.2`);
    renameSync(path, `${path}.1`);
    writeFileSync(path, text(5, 5));
    await reader.line(2);
    expect(reader.lines).toEqual(numbered(4, 5));
  });

  it('R02: returns the unread lines from its copy when it was copied and truncated', async () => {
    writeFileSync(path, text(1, 5));
    const reader = fromStart();
    reader.hold();
    await reader.line(5);
    appendFileSync(path, text(6, 8));
    copyFileSync(path, `${path}.1`);
    truncateSync(path);
    appendFileSync(path, text(9, 10));
    reader.release();
    await reader.line(10);
    expect(reader.lines).toEqual(numbered(1, 10));
    expect(log.texts).toEqual([]);
  });

  it('R02: returns only the new lines when it was truncated without a copy, and logs that lines are lost', async () => {
    writeFileSync(path, text(1, 5));
    const reader = fromStart();
    await reader.line(5);
    truncateSync(path);
    appendFileSync(path, text(9, 10));
    await reader.line(7);
    expect(reader.lines).toEqual([...numbered(1, 5), ...numbered(9, 10)]);
    // follow/chain.test.ts checks the number of lost bytes.
    expect(log.texts).toEqual([
      expect.stringMatching(/^notice: .*: truncated after 220 bytes, and no copy of it was found: .* lost$/),
    ]);
  });

  it('R02: returns the unread lines from its copy once when the copy appears after the truncation', async () => {
    writeFileSync(path, text(1, 5));
    const reader = fromStart();
    reader.hold();
    await reader.line(5);
    appendFileSync(path, text(6, 8));
    copyFileSync(path, join(folder, 'elsewhere'));
    truncateSync(path);
    appendFileSync(path, text(9, 10));
    reader.release();
    await reader.line(7);
    expect(reader.lines).toEqual([...numbered(1, 5), ...numbered(9, 10)]);
    renameSync(join(folder, 'elsewhere'), `${path}.1`);
    await reader.line(10);
    appendFileSync(path, text(11, 11));
    await reader.line(11);
    expect(reader.lines).toEqual([...numbered(1, 5), ...numbered(9, 10), ...numbered(6, 8), ...numbered(11, 11)]);
    expect(log.texts.at(-1)).toBe(`notice: ${path}.1: is the copy of the truncated file: none of its lines is lost`);
  });

  it('R02: is recognised as truncated even when it is already longer than before the truncation', async () => {
    writeFileSync(path, text(1, 2));
    const reader = fromStart();
    reader.hold();
    await reader.line(2);
    copyFileSync(path, `${path}.1`);
    truncateSync(path);
    appendFileSync(path, text(3, 40));
    reader.release();
    await reader.line(40);
    expect(reader.lines).toEqual(numbered(1, 40));
  });

  it('R06: returns each line once when it is rewritten in place without its first line and with a new last line', async () => {
    writeFileSync(path, text(1, 40));
    const reader = fromStart();
    await reader.line(40);
    for (let last = 41; last <= 60; last += 1) {
      writeFileSync(path, text(last - 39, last));
      await reader.line(last);
    }
    // The file is rewritten in two writes, with a read between them.
    writeFileSync(path, '');
    await sleep(100);
    writeFileSync(path, text(22, 61));
    await reader.line(61);
    appendFileSync(path, text(62, 62));
    await reader.line(62);
    expect(reader.lines).toEqual(numbered(1, 62));
  });

  it.each([
    ['with all its lines', 1],
    ['without its first line', 2],
  ])('returns each line once when another file takes its name %s, as after sed -i', async (_, first) => {
    writeFileSync(path, text(1, 40));
    const reader = fromStart();
    await reader.line(40);
    writeFileSync(join(folder, 'new'), text(first, 40));
    renameSync(join(folder, 'new'), path);
    appendFileSync(path, text(41, 41));
    await reader.line(41);
    expect(reader.lines).toEqual(numbered(1, 41));
  });

  it('is read from its start when it is deleted and a file with other lines is created', async () => {
    writeFileSync(path, text(1, 40));
    const reader = fromStart();
    await reader.line(40);
    rmSync(path);
    writeFileSync(path, text(41, 81));
    await reader.line(81);
    expect(reader.lines).toEqual(numbered(1, 81));
  });

  it('appears in the log and in the status when its lines cannot be read any more', async () => {
    writeFileSync(path, text(1, 1));
    const followed = source({ from: 'start' });
    const reader = new Reader(followed);
    await reader.line(1);
    // Five rotations follow within one turn of the event loop, and only the newest of the old files is kept.
    for (let line = 2; line <= 6; line += 1) {
      renameSync(path, `${path}.1`);
      writeFileSync(path, text(line, line));
    }
    await reader.line(3);
    await until('the loss', () => followed.stats?.().lost !== undefined);
    expect(reader.lines).toEqual([...numbered(1, 1), ...numbered(5, 6)]);
    expect(followed.stats?.()).toMatchObject({ state: 'following 1 file; lost unread: 3 files', lost: { bytes: 0, files: 3 } });
    expect(log.texts).toEqual([`notice: ${path}: 3 files came and went before they could be opened, the lines in them are lost`]);
    // A single rotation is no loss.
    renameSync(path, `${path}.1`);
    writeFileSync(path, text(7, 7));
    await reader.line(4);
    await sleep(200);
    expect(followed.stats?.().lost).toEqual({ bytes: 0, files: 3 });
    // A second loss within a minute is not logged at once. The sum of the losses is logged when the source stops.
    for (let line = 8; line <= 10; line += 1) {
      renameSync(path, `${path}.1`);
      writeFileSync(path, text(line, line));
    }
    await until('the second loss', () => followed.stats?.().lost?.files === 4);
    await reader.stop();
    expect(log.texts.at(-1)).toBe(`notice: ${path}: lost unread since the start: 4 files`);
  });

  it('returns no NULs when the writer continues at its old offset after a truncation', async () => {
    const writer = openSync(path, 'w');
    writeSync(writer, text(1, 3));
    const reader = fromStart();
    await reader.line(3);
    ftruncateSync(writer, 0);
    writeSync(writer, text(4, 4));
    closeSync(writer);
    await reader.line(4);
    expect(reader.lines).toEqual(numbered(1, 4));
  });

  it('R04: is recognised as rotated even when the new file begins like the old file', async () => {
    writeFileSync(path, text(1, 2));
    const reader = fromStart();
    await reader.line(2);
    renameSync(path, `${path}.1`);
    writeFileSync(path, text(1, 3));
    await reader.line(5);
    renameSync(path, `${path}.2`);
    writeFileSync(path, `\n${text(4, 4)}`);
    await reader.line(7);
    expect(reader.lines).toEqual([...numbered(1, 2), ...numbered(1, 3), '', ...numbered(4, 4)]);
  });
});

describe('reading from the cursor of a log that was rewritten in place', () => {
  it('R06: continues after the last line that was read', async () => {
    writeFileSync(path, text(1, 40));
    const cursor = await stopAfter(40);
    writeFileSync(path, text(10, 42));
    const next = new Reader(source(), cursor);
    await next.line(2);
    expect(next.lines).toEqual(numbered(41, 42));
    expect(log.texts).toEqual([]);
  });
});

describe('reading from a cursor', () => {
  beforeEach(() => writeFileSync(path, text(1, 5)));

  it.each([
    ['in the same file', (): void => appendFileSync(path, text(6, 8))],
    [
      'R01: after a rename',
      (): void => {
        appendFileSync(path, text(6, 7));
        renameSync(path, `${path}.1`);
        writeFileSync(path, text(8, 8));
      },
    ],
    [
      'after two renames with dated names',
      (): void => {
        appendFileSync(path, text(6, 6));
        renameSync(path, `${path}-20261124`);
        writeFileSync(path, text(7, 7));
        renameSync(path, `${path}-20261125`);
        writeFileSync(path, text(8, 8));
      },
    ],
    [
      'after a rename with a date before the extension',
      (): void => {
        appendFileSync(path, text(6, 7));
        renameSync(path, join(folder, 'mail-20261125.log'));
        writeFileSync(path, text(8, 8));
      },
    ],
    [
      'R02: after a copy and a truncation',
      (): void => {
        appendFileSync(path, text(6, 7));
        copyFileSync(path, `${path}.1`);
        truncateSync(path);
        appendFileSync(path, text(8, 8));
      },
    ],
    [
      'after compression',
      (): void => {
        writeFileSync(`${path}.2.gz`, gzipSync(text(1, 6)));
        writeFileSync(`${path}.1`, text(7, 7));
        unlinkSync(path);
        writeFileSync(path, text(8, 8));
      },
    ],
    [
      'after compression of two files',
      (): void => {
        writeFileSync(`${path}.2.gz`, gzipSync(text(1, 6)));
        writeFileSync(`${path}.1.gz`, gzipSync(text(7, 7)));
        unlinkSync(path);
        writeFileSync(path, text(8, 8));
      },
    ],
  ])('continues at the next unread line %s', async (_, rotate) => {
    const cursor = await stopAfter(5);
    rotate();
    const reader = new Reader(source(), cursor);
    await reader.line(3);
    expect(reader.lines).toEqual(numbered(6, 8));
    expect(log.texts).toEqual([]);
    await reader.stop();
    appendFileSync(path, text(9, 9));
    const next = new Reader(source(), reader.cursor);
    await next.line(1);
    expect(next.lines).toEqual(numbered(9, 9));
  });

  it('continues in the rotated file while the log is missing, and in the log when it is created again', async () => {
    const cursor = await stopAfter(5);
    renameSync(path, `${path}.1`);
    appendFileSync(`${path}.1`, text(6, 6));
    const reader = new Reader(source(), cursor);
    await reader.line(1);
    writeFileSync(path, text(7, 7));
    await reader.line(2);
    expect(reader.lines).toEqual(numbered(6, 7));
  });

  it('continues with newer files when no file contains the place of the cursor, and logs that lines may be lost', async () => {
    const cursor = await stopAfter(5);
    unlinkSync(path);
    writeFileSync(`${path}.1`, text(8, 8));
    writeFileSync(path, text(9, 9));
    const reader = new Reader(source(), cursor);
    await reader.line(2);
    expect(reader.lines).toEqual(numbered(8, 9));
    expect(log.texts).toEqual([
      expect.stringMatching(
        /^notice: .*mail\.log: neither this file nor a rotated file holds the place where reading stopped; .* lines may be lost$/,
      ),
    ]);
  });

  it('does not continue at the place of the cursor in a file with the same inode and other bytes', async () => {
    const cursor = await stopAfter(5);
    truncateSync(path);
    appendFileSync(path, text(6, 40));
    const reader = new Reader(source(), cursor);
    await reader.line(35);
    expect(reader.lines).toEqual(numbered(6, 40));
    expect(log.texts).toHaveLength(1);
  });

  it.each(['', '{}', 'null', '{"offset":-1}', 'not JSON'])(
    'begins at the end of the log when the cursor is invalid (%j)',
    async (cursor) => {
      const reader = new Reader(source(), cursor);
      await reader.begun();
      appendFileSync(path, text(6, 6));
      await reader.line(1);
      expect(reader.lines).toEqual(numbered(6, 6));
    },
  );
});

describe('a pattern', () => {
  beforeEach(() => {
    path = join(folder, '*.log');
  });
  it('R07: follows all matching files, including a file that is created later', async () => {
    writeFileSync(file('a.log'), '');
    writeFileSync(file('b.log'), '');
    const reader = new Reader(source());
    await until('both files', () => reader.batches === 2);
    appendFileSync(file('a.log'), text(1, 1));
    await reader.line(1);
    appendFileSync(file('b.log'), text(2, 2));
    await reader.line(2);
    writeFileSync(file('c.log'), text(3, 3));
    await reader.line(3);
    expect(reader.lines).toEqual(numbered(1, 3));
  });

  it('does not match the rotated file of a log', async () => {
    path = join(folder, 'mail*');
    writeFileSync(file('mail.log'), text(1, 2));
    writeFileSync(file('mail.log.1'), text(1, 2));
    writeFileSync(file('mail.log.2.gz'), gzipSync(text(1, 2)));
    const reader = fromStart();
    await reader.line(2);
    renameSync(file('mail.log'), file('mail.log-20261125'));
    writeFileSync(file('mail.log'), text(3, 3));
    await reader.line(3);
    await sleep(200);
    expect(reader.lines).toEqual(numbered(1, 3));
  });

  it('continues in each file at the cursor of this file, and reads a new file from its start', async () => {
    writeFileSync(file('a.log'), text(1, 2));
    writeFileSync(file('b.log'), text(3, 4));
    const reader = fromStart();
    await reader.line(4);
    await reader.stop();
    appendFileSync(file('a.log'), text(5, 5));
    appendFileSync(file('b.log'), text(6, 6));
    writeFileSync(file('c.log'), text(7, 7));
    const next = new Reader(source(), reader.cursor);
    await next.line(3);
    expect(next.lines.toSorted()).toEqual(numbered(5, 7));
  });

  it('continues in each file, even if only one of the files had new lines at the previous start', async () => {
    writeFileSync(file('a.log'), text(1, 2));
    writeFileSync(file('b.log'), text(3, 4));
    const reader = fromStart();
    await reader.line(4);
    await reader.stop();
    appendFileSync(file('a.log'), text(5, 5));
    const second = new Reader(source(), reader.cursor);
    await second.line(1);
    await second.stop();
    appendFileSync(file('b.log'), text(6, 6));
    const third = new Reader(source(), second.cursor);
    await third.line(1);
    expect(third.lines).toEqual(numbered(6, 6));
  });

  it('removes the cursor of a file that does not exist at a start', async () => {
    writeFileSync(file('a.log'), text(1, 2));
    writeFileSync(file('b.log'), text(3, 4));
    const reader = fromStart();
    await reader.line(4);
    await reader.stop();
    unlinkSync(file('b.log'));
    appendFileSync(file('a.log'), text(5, 5));
    const next = new Reader(source(), reader.cursor);
    await next.line(1);
    expect(Object.keys(JSON.parse(next.cursor ?? '') as object)).toEqual([file('a.log')]);
  });

  it('R07: reads a file from its start when the file was created while the program did not run', async () => {
    const reader = new Reader(source());
    await reader.begun();
    await reader.stop();
    writeFileSync(file('late.log'), text(1, 2));
    const next = new Reader(source(), reader.cursor);
    await next.line(2);
    expect(next.lines).toEqual(numbered(1, 2));
  });

  it('has no cursor until the end of every file is known', async () => {
    for (const name of ['a.log', 'b.log', 'c.log']) writeFileSync(file(name), text(1, 2));
    const reader = new Reader(source());
    await until('all three files', () => reader.batches === 3);
    expect(reader.cursors.map((cursor) => cursor && Object.keys(JSON.parse(cursor) as object).length)).toEqual([
      undefined,
      undefined,
      3,
    ]);
  });

  it('is logged when it matches no file', async () => {
    const reader = new Reader(source());
    await until('the notice', () => log.texts.length > 0);
    expect(log.texts).toEqual([`notice: ${path}: matches no file yet; a new file will be followed`]);
    writeFileSync(file('late.log'), text(1, 1));
    await reader.line(1);
  });
});

/** A record of Docker. */
const recordOf = (content: string): string =>
  `${JSON.stringify({ log: content, stream: 'stdout', time: '2026-11-28T17:00:00.5Z' })}\n`;

describe('a followed file whose lines have envelopes', () => {
  it('has lines without their envelopes, also when two batches divide a line', async () => {
    const logFile = join(temporaryFolder(), 'x-json.log');
    writeFileSync(logFile, '');
    const stop = new AbortController();
    const follower = new FileSource(
      { type: 'file', path: logFile, from: 'start', envelope: 'docker' },
      { log: recordingLog(), clock: Date.now },
    );
    const found: unknown[] = [];
    const later = [recordOf('y'.repeat(16_384)), recordOf('Nov 28 17:00:00 mx b\n'), recordOf('Nov 28 17:00:00 mx c\n')];
    writeFileSync(logFile, recordOf('Nov 28 17:00:00 mx a\n'));
    for await (const { bytes, envelopes } of follower.read(undefined, stop.signal)) {
      if (bytes.length === 0) continue;
      found.push(envelopes?.open(0, bytes.length - 1)?.text);
      const next = later.shift();
      if (next === undefined) stop.abort();
      else appendFileSync(logFile, next);
    }
    expect(found).toEqual(['Nov 28 17:00:00 mx a', undefined, undefined, 'Nov 28 17:00:00 mx c']);
  });

  it('has no envelopes without the option', async () => {
    const logFile = join(temporaryFolder(), 'mail.log');
    writeFileSync(logFile, 'Nov 28 17:00:00 mx a\n');
    const stop = new AbortController();
    const plain = new FileSource({ type: 'file', path: logFile, from: 'start' }, { log: recordingLog(), clock: Date.now });
    for await (const batch of plain.read(undefined, stop.signal)) {
      expect(batch.envelopes).toBeUndefined();
      stop.abort();
    }
  });
});
