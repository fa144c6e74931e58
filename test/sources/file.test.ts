import {
  appendFileSync,
  closeSync,
  copyFileSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
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
import { FileSource, type FileOptions } from '../../src/sources/file.ts';
import type { Source } from '../../src/types.ts';
import { until } from '../support/e2e-until.ts';
import { Reader, recordingLog, temporaryFolder } from '../support/sources-reader.ts';

const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `Nov 25 00:03:16 mx postfix/smtpd[1]: line ${from + index}`);
const text = (from: number, to: number): string =>
  numbered(from, to)
    .map((line) => `${line}\n`)
    .join('');

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

/** Reads what is there, and stops. */
const stopAfter = async (count: number): Promise<string> => {
  const reader = fromStart();
  await reader.line(count);
  await reader.stop();
  return reader.cursor ?? '';
};

const file = (name: string): string => join(folder, name);

describe('a followed file', () => {
  it('is read from its end at the very first start, with a cursor at once', async () => {
    writeFileSync(path, text(1, 3));
    const reader = new Reader(source());
    await reader.begun();
    expect(JSON.parse(reader.cursor ?? '')).toMatchObject({ offset: text(1, 3).length });
    appendFileSync(path, text(4, 5));
    await reader.line(2);
    expect(reader.lines).toEqual(numbered(4, 5));
  });

  it('is read from its start when told so', async () => {
    writeFileSync(path, text(1, 3));
    const reader = fromStart();
    await reader.line(3);
    expect(reader.lines).toEqual(numbered(1, 3));
  });

  it('hands over each line when it is written, and counts', async () => {
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

  it('P19: gives a line when its newline is there, not before', async () => {
    writeFileSync(path, 'first\nsecond from a[192.0.');
    const reader = fromStart();
    await reader.line(1);
    await sleep(200);
    expect(reader.lines).toEqual(['first']);
    appendFileSync(path, '2.1]\n');
    await reader.line(2);
    expect(reader.lines).toEqual(['first', 'second from a[192.0.2.1]']);
  });

  it('P19: begins at the start of a line that is being written', async () => {
    writeFileSync(path, 'first\nsecond, half');
    const reader = new Reader(source());
    await reader.begun();
    appendFileSync(path, ' and half\n');
    await reader.line(1);
    expect(reader.lines).toEqual(['second, half and half']);
  });

  it('P20: cuts a line of 5 MB, says so once, and goes on with the next', async () => {
    writeFileSync(path, `${'x'.repeat(5_000_000)}\n${text(1, 2)}`);
    const reader = fromStart();
    await reader.line(3);
    expect(reader.lines.map((line) => line.length)).toEqual([65_536, ...numbered(1, 2).map((line) => line.length)]);
    expect(log.texts.filter((said) => said.includes('cut'))).toHaveLength(1);
  });

  it('gives bytes as they are: NULs, invalid UTF-8, U+2028, carriage returns', async () => {
    const bytes = Buffer.from([0x61, 0x00, 0xff, 0xfe, 0xe2, 0x80, 0xa8, 0x0d, 0x62, 0x0a]);
    writeFileSync(path, bytes);
    const reader = fromStart();
    await reader.line(1);
    expect(reader.lines).toEqual([bytes.toString('latin1', 0, 9)]);
  });

  it('waits for the one who reads, and loses nothing meanwhile', async () => {
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

  it('R05: is waited for, also its directory, and read from its start when it appears', async () => {
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

  it('R05: is read from its start when it appears between two starts', async () => {
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

  it('is followed where a symbolic link leads, and when it comes to lead elsewhere', async () => {
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
  ])('is refused with one line when it is %s', async (_, make, expected) => {
    make();
    const reader = new Reader(source());
    await until('the refusal', () => reader.failure !== undefined);
    expect(reader.failure).toMatchObject({ name: 'SourceError', message: expect.stringMatching(expected) });
  });
});

describe('a rotated file', () => {
  it('R01: gives what was unread in the old file, then the new one', async () => {
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

  it('is left only when the writer has gone over to the new file', async () => {
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

  it('gives every file in order when it was rotated several times since the last look', async () => {
    writeFileSync(path, text(1, 2));
    const reader = fromStart();
    reader.hold();
    await reader.line(2);
    for (const line of [3, 4, 5]) {
      for (const number of [2, 1]) {
        try {
          renameSync(`${path}.${number}`, `${path}.${number + 1}`);
        } catch {
          // Not there yet.
        }
      }
      renameSync(path, `${path}.1`);
      writeFileSync(path, text(line, line));
    }
    reader.release();
    await reader.line(5);
    expect(reader.lines).toEqual(numbered(1, 5));
  });

  it('gives a last line without a newline before the first of the new file', async () => {
    writeFileSync(path, `${text(1, 1)}no newline`);
    const reader = fromStart();
    await reader.line(1);
    renameSync(path, `${path}.1`);
    writeFileSync(path, text(2, 2));
    await reader.line(3);
    expect(reader.lines).toEqual([...numbered(1, 1), 'no newline', ...numbered(2, 2)]);
  });

  it('does not read old rotated files that were there before', async () => {
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

  it('R02: cut down after copying gives the rest from the copy', async () => {
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

  it('R02: cut down without a copy gives the new lines and a notice of how much is lost', async () => {
    writeFileSync(path, text(1, 5));
    const reader = fromStart();
    reader.hold();
    await reader.line(5);
    appendFileSync(path, text(6, 8));
    await sleep(100); // Time to see how long it became.
    truncateSync(path);
    appendFileSync(path, text(9, 10));
    reader.release();
    await reader.line(7);
    expect(reader.lines).toEqual([...numbered(1, 5), ...numbered(9, 10)]);
    expect(log.texts).toEqual([
      `notice: ${path}: cut down after ${text(1, 5).length} bytes, and there is no copy of it: ${text(6, 8).length} bytes that had not been read are lost`,
    ]);
  });

  it('R02: cut down, and the copy turns up later, gives the rest from it and nothing twice', async () => {
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
    expect(log.texts.at(-1)).toBe(`notice: ${path}.1: the copy of what was cut down: nothing of that is lost`);
  });

  it('R02: sees a file that grew beyond the old place after it was cut down', async () => {
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

  it('skips the hole when the writer goes on at its old offset', async () => {
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

  it('R04: is seen when the new file begins like the old one', async () => {
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

describe('a cursor', () => {
  beforeEach(() => writeFileSync(path, text(1, 5)));

  it.each([
    ['in the same file', (): void => appendFileSync(path, text(6, 8))],
    [
      'R01: through a rename',
      (): void => {
        appendFileSync(path, text(6, 7));
        renameSync(path, `${path}.1`);
        writeFileSync(path, text(8, 8));
      },
    ],
    [
      'through two renames with dated names',
      (): void => {
        appendFileSync(path, text(6, 6));
        renameSync(path, `${path}-20261124`);
        writeFileSync(path, text(7, 7));
        renameSync(path, `${path}-20261125`);
        writeFileSync(path, text(8, 8));
      },
    ],
    [
      'through a rename before the extension',
      (): void => {
        appendFileSync(path, text(6, 7));
        renameSync(path, join(folder, 'mail-20261125.log'));
        writeFileSync(path, text(8, 8));
      },
    ],
    [
      'R02: through a copy',
      (): void => {
        appendFileSync(path, text(6, 7));
        copyFileSync(path, `${path}.1`);
        truncateSync(path);
        appendFileSync(path, text(8, 8));
      },
    ],
    [
      'through compression',
      (): void => {
        writeFileSync(`${path}.2.gz`, gzipSync(text(1, 6)));
        writeFileSync(`${path}.1`, text(7, 7));
        unlinkSync(path);
        writeFileSync(path, text(8, 8));
      },
    ],
    [
      'through two compressed files',
      (): void => {
        writeFileSync(`${path}.2.gz`, gzipSync(text(1, 6)));
        writeFileSync(`${path}.1.gz`, gzipSync(text(7, 7)));
        unlinkSync(path);
        writeFileSync(path, text(8, 8));
      },
    ],
  ])('is resumed %s', async (_, rotate) => {
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

  it('is resumed in a file that comes back later', async () => {
    const cursor = await stopAfter(5);
    renameSync(path, `${path}.1`);
    appendFileSync(`${path}.1`, text(6, 6));
    const reader = new Reader(source(), cursor);
    await reader.line(1);
    writeFileSync(path, text(7, 7));
    await reader.line(2);
    expect(reader.lines).toEqual(numbered(6, 7));
  });

  it('that is nowhere to be found begins with what is newer, and says so', async () => {
    const cursor = await stopAfter(5);
    unlinkSync(path);
    writeFileSync(`${path}.1`, text(8, 8));
    writeFileSync(path, text(9, 9));
    const reader = new Reader(source(), cursor);
    await reader.line(2);
    expect(reader.lines).toEqual(numbered(8, 9));
    expect(log.texts).toEqual([
      expect.stringMatching(/^notice: .*mail\.log: where reading stopped was found neither .*; lines may be lost$/),
    ]);
  });

  it('does not trust the same inode with other bytes in it', async () => {
    const cursor = await stopAfter(5);
    truncateSync(path);
    appendFileSync(path, text(6, 40));
    const reader = new Reader(source(), cursor);
    await reader.line(35);
    expect(reader.lines).toEqual(numbered(6, 40));
    expect(log.texts).toHaveLength(1);
  });

  it.each(['', '{}', 'null', '{"offset":-1}', 'not JSON'])('that is none (%j) is no cursor', async (cursor) => {
    const reader = new Reader(source(), cursor);
    await reader.begun();
    appendFileSync(path, text(6, 6));
    await reader.line(1);
    expect(reader.lines).toEqual(numbered(6, 6));
  });
});

describe('a pattern', () => {
  beforeEach(() => {
    path = join(folder, '*.log');
  });
  it('R07: is followed in all files that match, also in one that comes later', async () => {
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

  it('does not take the rotated file of a log for a log', async () => {
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

  it('is resumed in each file where it stopped, and from the start in one that is new', async () => {
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

  it('R07: is read from the start in what comes to match between two starts', async () => {
    const reader = new Reader(source());
    await reader.begun();
    await reader.stop();
    writeFileSync(file('late.log'), text(1, 2));
    const next = new Reader(source(), reader.cursor);
    await next.line(2);
    expect(next.lines).toEqual(numbered(1, 2));
  });

  it('has no cursor before the ends of all files are in it', async () => {
    for (const name of ['a.log', 'b.log', 'c.log']) writeFileSync(file(name), text(1, 2));
    const reader = new Reader(source());
    await until('all three files', () => reader.batches === 3);
    expect(reader.cursors.map((cursor) => cursor && Object.keys(JSON.parse(cursor) as object).length)).toEqual([
      undefined,
      undefined,
      3,
    ]);
  });

  it('that matches nothing yet says so', async () => {
    const reader = new Reader(source());
    await until('the notice', () => log.texts.length > 0);
    expect(log.texts).toEqual([`notice: ${path}: matches no file yet; waits for one`]);
    writeFileSync(file('late.log'), text(1, 1));
    await reader.line(1);
  });
});
