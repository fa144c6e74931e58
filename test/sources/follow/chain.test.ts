import {
  appendFileSync,
  closeSync,
  copyFileSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { Chain } from '../../../src/sources/follow/chain.ts';
import type { Lost } from '../../../src/sources/follow/losses.ts';
import { Place } from '../../../src/sources/follow/place.ts';
import type { Position } from '../../../src/sources/follow/progress.ts';
import { beginningOf } from '../../../src/sources/follow/resume/resume.ts';
import { openFile } from '../../../src/sources/follow/rotation.ts';
import { descriptorsListed, openFilesIn } from '../../support/descriptors.ts';
import { copyTruncate, nextTick, numbered, rotate, textOf } from '../../support/sources/files.ts';
import { temporaryFolder } from '../../support/sources/reader.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'mail.log');
});

const beside = (name: string): string => join(folder, name);

/** Reads a chain (a log and its rotated files) as the read loop does, but only on request. */
class ChainReader {
  readonly chain: Chain;
  readonly lines: string[] = [];
  readonly reports: string[] = [];
  readonly lost: Lost[] = [];
  /** `Batch.writtenAfter` of each read that gave lines. */
  readonly after: (number | undefined)[] = [];
  cuts = 0;
  now = 0;

  constructor() {
    this.chain = new Chain(path, {
      report: (text, kind) => void this.reports.push(`${kind}: ${text}`),
      lost: (lost) => void this.lost.push(lost),
      cut: () => void (this.cuts += 1),
      clock: () => this.now,
    });
    onTestFinished(() => this.chain.close());
  }

  /** Reads once; returns undefined at the end. */
  read(): Buffer | undefined {
    const position = this.chain.position();
    return position && bytesAt(position);
  }

  take(chunk: Buffer): boolean {
    const { lines, more } = this.chain.take(chunk, false);
    if (lines) this.after.push(lines.writtenAfter);
    this.lines.push(...(lines?.bytes.toString('latin1').split('\n').slice(0, -1) ?? []));
    return more;
  }

  /** Checks the directory, which has changed, and reads to the end of the chain. */
  drain(): void {
    this.chain.look(true);
    for (let chunk = this.read(); chunk && this.take(chunk); chunk = this.read());
  }
}

function bytesAt({ fd, offset }: Position): Buffer {
  const buffer = Buffer.alloc(65_536);
  return buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, offset));
}

/** A chain whose log contains `text`, which has been read. */
function drained(text: string): ChainReader {
  writeFileSync(path, text);
  const reader = new ChainReader();
  reader.drain();
  reader.lines.length = 0;
  reader.after.length = 0;
  return reader;
}

describe('a chain at rest', () => {
  it('has a cursor at the end of its log', () => {
    const { chain } = drained(textOf(1, 2));
    expect(chain.resting).toMatchObject({ offset: textOf(1, 2).length, at: 0 });
    appendFileSync(path, textOf(3, 3));
    expect(chain.resting).toBeUndefined();
  });

  it('has no cursor without a file, or in the middle of a line', () => {
    expect(new ChainReader().chain.resting).toBeUndefined();
    expect(drained(`${textOf(1, 1)}half`).chain.resting).toBeUndefined();
  });

  it('has a cursor at the end of a rotated file while the new log is empty', () => {
    const reader = drained(textOf(1, 2));
    rotate(path, beside('mail.log.1'), '');
    reader.drain();
    expect(reader.chain.resting).toMatchObject({ offset: textOf(1, 2).length });
    appendFileSync(beside('mail.log.1'), textOf(3, 3));
    expect(reader.chain.resting).toBeUndefined();
    reader.drain();
    expect(reader.chain.resting).toMatchObject({ offset: textOf(1, 3).length });
    appendFileSync(path, textOf(4, 4));
    expect(reader.chain.resting).toBeUndefined();
  });

  it('has no cursor at the end of a rotated file while no file is at its path, or while a further file may hold lines', () => {
    const reader = drained(textOf(1, 2));
    renameSync(path, beside('mail.log.1'));
    reader.drain();
    expect(reader.chain.resting).toBeUndefined();
    writeFileSync(path, '');
    reader.drain();
    expect(reader.chain.resting).toBeDefined();
    reader.chain.look(true);
    expect(reader.chain.resting).toBeUndefined();
  });

  it('has no cursor while the copy of a truncated file may still appear', () => {
    const reader = drained(textOf(1, 2));
    rotate(path, beside('mail.log.1'), '');
    reader.drain();
    appendFileSync(path, textOf(3, 3));
    reader.drain();
    expect(reader.chain.resting).toMatchObject({ offset: textOf(3, 3).length });
    truncateSync(path);
    reader.drain();
    appendFileSync(path, textOf(4, 4));
    reader.drain();
    expect(reader.chain.resting).toBeUndefined();
  });
});

describe('a chain', () => {
  it('reads a log from its start, and then lines that are added to the log', () => {
    writeFileSync(path, textOf(1, 2));
    const reader = new ChainReader();
    reader.drain();
    appendFileSync(path, textOf(3, 3));
    reader.drain();
    expect(reader.lines).toEqual(numbered(1, 3));
  });

  it('has nothing to read while there is no file, and its property `there` is false', () => {
    const reader = new ChainReader();
    reader.chain.look(true);
    expect(reader.chain.there).toBe(false);
    expect(reader.chain.position()).toBeUndefined();
    writeFileSync(path, '');
    reader.drain();
    expect(reader.chain.there).toBe(true);
    writeFileSync(path, textOf(1, 1));
    reader.drain();
    expect(reader.lines).toEqual(numbered(1, 1));
  });

  it('is at the log (`atLog`) until it notices that the log was renamed', () => {
    const { chain } = drained(textOf(1, 1));
    expect(chain.atLog).toBe(true);
    rotate(path, beside('mail.log.1'), textOf(2, 2));
    expect(chain.atLog).toBe(true);
    chain.look(true);
    expect(chain.atLog).toBe(false);
  });

  it('begins at a place in a rotated file', async () => {
    writeFileSync(path, textOf(1, 2));
    const { cursor } = await beginningOf(path, 'end', { clock: () => 0, cut: () => {}, damaged: () => {} });
    appendFileSync(path, textOf(3, 3));
    rotate(path, beside('mail.log.1'), textOf(4, 4));
    const found = await beginningOf(path, cursor ?? 'end', { clock: () => 0, cut: () => {}, damaged: () => {} });
    const reader = new ChainReader();
    reader.chain.ignore(found.ignored);
    if (found.file) reader.chain.begin(found.file, found.place);
    reader.drain();
    expect(reader.lines).toEqual(numbered(3, 4));
  });

  it('changes to another path, which happens when a link changes', () => {
    const reader = drained(textOf(1, 1));
    mkdirSync(beside('new'));
    writeFileSync(beside('new/mail.log'), textOf(2, 2));
    reader.chain.rename(beside('new/mail.log'));
    reader.drain();
    expect(reader.lines).toEqual(numbered(2, 2));
  });

  it('reports a file that cannot be opened, and reads the file as soon as it can be opened', () => {
    const reader = drained(textOf(1, 1));
    renameSync(path, beside('mail.log.1'));
    mkdirSync(path);
    reader.drain();
    expect(reader.reports[0]).toMatch(/^rotation: .*mail\.log: cannot be opened: .*; tried again every second$/);
    expect(reader.chain.there).toBe(false);
    renameSync(path, beside('folder'));
    writeFileSync(path, textOf(2, 2));
    reader.drain();
    expect(reader.lines).toEqual(numbered(2, 2));
  });

  it('continues at its place after a failed read, and completes an unfinished line', () => {
    const reader = drained(`${textOf(1, 1)}half`);
    reader.chain.drop();
    reader.drain();
    appendFileSync(path, ' and half\n');
    reader.drain();
    expect(reader.lines).toEqual(['half and half']);
  });

  it('reads nothing after it is closed', () => {
    const reader = drained(textOf(1, 1));
    rotate(path, beside('mail.log.1'), textOf(2, 2));
    reader.chain.look(true);
    const chunk = reader.read() ?? Buffer.alloc(0);
    reader.chain.close();
    expect(reader.take(chunk)).toBe(false);
    expect(reader.lines).toEqual([]);
  });
});

/** Closes the chain of a reader, and returns the files that are still open. */
const leftOpen = (reader: ChainReader): readonly string[] => {
  reader.chain.close();
  return openFilesIn(folder);
};

describe.runIf(descriptorsListed)('a closed chain', () => {
  it('leaves no file open after renames, while files wait to be read', () => {
    const reader = drained(textOf(1, 1));
    for (const line of [2, 3]) {
      nextTick(folder);
      unlinkSync(path);
      writeFileSync(path, textOf(line, line));
      reader.chain.look(true);
    }
    expect(openFilesIn(folder)).toHaveLength(3);
    expect(leftOpen(reader)).toEqual([]);
  });

  it('leaves no file open after a truncation with a copy and older files', () => {
    const reader = drained(textOf(1, 2));
    writeFileSync(beside('mail.log.3'), textOf(90, 91));
    nextTick(folder);
    appendFileSync(path, textOf(3, 4));
    copyTruncate(path, beside('mail.log.1'));
    appendFileSync(path, textOf(5, 5));
    reader.drain();
    expect(leftOpen(reader)).toEqual([]);
  });

  it('leaves no file open after a truncation without a copy', () => {
    const reader = drained(textOf(1, 2));
    truncateSync(path);
    reader.chain.look(true);
    reader.take(reader.read() ?? Buffer.alloc(0));
    renameSync(path, beside('elsewhere'));
    reader.drain();
    expect(leftOpen(reader)).toEqual([]);
  });
});

describe('the instant after which lines were written', () => {
  it('is the last one at which the log ended before them', () => {
    writeFileSync(path, '');
    const reader = new ChainReader();
    const write = (text: string, at: number): void => {
      appendFileSync(path, text);
      reader.now = at;
      reader.drain();
    };
    const file = openFile(path);
    if (file) reader.chain.begin(file, new Place());
    write(textOf(1, 1), 10);
    write('', 20);
    write(textOf(2, 2), 30);
    write(textOf(3, 3), 40);
    expect(reader.after).toEqual([0, 20, 30]);
  });

  it('is the birth of a file that holds lines when reading begins in it, or comes to it', () => {
    const bornNow = (): number => Number(statSync(path, { bigint: true }).birthtimeNs / 1_000_000n);
    writeFileSync(path, textOf(1, 1));
    const started = new ChainReader();
    const file = openFile(path);
    if (file) started.chain.begin(file, new Place());
    started.drain();
    expect(started.after).toEqual([bornNow()]);
    const reader = drained('');
    rotate(path, beside('mail.log.1'), textOf(2, 2));
    reader.drain();
    expect(reader.after).toEqual([bornNow()]);
  });

  it('is not known for a log that was truncated, until its end is read', () => {
    const reader = drained(textOf(1, 2));
    copyTruncate(path, beside('mail.log.1'));
    appendFileSync(path, textOf(3, 3));
    reader.now = 10;
    reader.drain();
    appendFileSync(path, textOf(4, 4));
    reader.drain();
    expect([reader.lines, reader.after]).toEqual([numbered(3, 4), [undefined, 10]]);
  });
});

describe('a chain of renamed files', () => {
  it('continues with the old file until the new file is not empty', () => {
    const reader = drained(textOf(1, 1));
    const writer = openSync(path, 'r+');
    rotate(path, beside('mail.log.1'), '');
    reader.drain();
    writeSync(writer, textOf(1, 2), 0);
    closeSync(writer);
    reader.drain();
    expect(reader.lines).toEqual(numbered(2, 2));
    appendFileSync(path, textOf(3, 3));
    reader.drain();
    expect(reader.lines).toEqual(numbered(2, 3));
  });

  it('reads bytes that were added to the old file after its end was read, and then the new file', () => {
    const reader = drained(textOf(1, 1));
    reader.chain.look(true);
    const end = reader.read() ?? Buffer.alloc(0);
    appendFileSync(path, textOf(2, 2));
    rotate(path, beside('mail.log.1'), textOf(3, 3));
    expect(reader.take(end)).toBe(true);
    expect(reader.chain.atLog).toBe(false);
    reader.drain();
    expect(reader.lines).toEqual(numbered(2, 3));
  });

  it('reads every file that was created since the last check of the directory, the oldest first', () => {
    const reader = drained(textOf(1, 1));
    for (const line of [2, 3, 4]) {
      nextTick(folder);
      rotate(path, beside(`mail.log-2026112${line}`), textOf(line, line));
    }
    reader.drain();
    expect(reader.lines).toEqual(numbered(2, 4));
  });

  it('reads the files that it found at the path, even after their deletion', () => {
    const reader = drained(textOf(1, 1));
    for (const line of [2, 3, 4]) {
      nextTick(folder);
      unlinkSync(path);
      writeFileSync(path, textOf(line, line));
      reader.chain.look(true);
    }
    reader.drain();
    expect(reader.lines).toEqual(numbered(2, 4));
  });

  it('reads a rotated file that begins like the present log, because such a file is no copy', () => {
    const reader = drained(textOf(1, 1));
    rotate(path, beside('mail.log.2'), textOf(2, 2));
    nextTick(folder);
    rotate(path, beside('mail.log.1'), textOf(2, 3));
    reader.drain();
    expect(reader.lines).toEqual([...numbered(2, 2), ...numbered(2, 3)]);
  });

  it('returns a last line without a newline before the lines of the next file', () => {
    const reader = drained(`${textOf(1, 1)}without newline`);
    expect(reader.lines).toEqual([]);
    rotate(path, beside('mail.log.1'), textOf(2, 2));
    reader.drain();
    expect(reader.lines).toEqual(['without newline', ...numbered(2, 2)]);
  });

  it('reads a finished file again when a writer adds lines to it', () => {
    const reader = drained(textOf(1, 1));
    rotate(path, beside('mail.log.1'), textOf(2, 2));
    reader.drain();
    appendFileSync(beside('mail.log.1'), textOf(3, 3));
    rotate(path, beside('mail.log.2'), textOf(4, 4));
    reader.drain();
    expect(reader.lines.toSorted()).toEqual(numbered(2, 4));
  });

  it('reads no file with an ignored key', async () => {
    writeFileSync(beside('mail.log.1'), textOf(8, 9));
    writeFileSync(path, textOf(1, 1));
    const { ignored } = await beginningOf(path, 'start', { clock: () => 0, cut: () => {}, damaged: () => {} });
    const reader = new ChainReader();
    reader.chain.ignore(ignored);
    reader.drain();
    renameSync(beside('mail.log.1'), beside('mail.log.2'));
    rotate(path, beside('mail.log.1'), textOf(2, 2));
    reader.drain();
    expect(reader.lines).toEqual(numbered(1, 2));
  });

  it('ignores a new rotated file while the log was neither renamed nor truncated', () => {
    const reader = drained(textOf(1, 1));
    nextTick(folder);
    writeFileSync(beside('mail.log.1'), textOf(8, 9));
    reader.drain();
    expect(reader.lines).toEqual([]);
  });
});

describe('a chain of copies', () => {
  it('reads the unread lines from the copy, and then the truncated log from its start', () => {
    const reader = drained(textOf(1, 2));
    appendFileSync(path, textOf(3, 4));
    copyTruncate(path, beside('mail.log.1'));
    appendFileSync(path, textOf(5, 5));
    reader.drain();
    expect(reader.lines).toEqual(numbered(3, 5));
    expect(reader.reports).toEqual([]);
  });

  it('does not read a copy whose lines are still in the log', () => {
    const reader = drained(textOf(1, 2));
    copyTruncate(path, beside('mail.log.2'));
    appendFileSync(path, textOf(3, 4));
    reader.drain();
    nextTick(folder);
    copyFileSync(path, beside('mail.log.1'));
    reader.drain();
    truncateSync(path);
    appendFileSync(path, textOf(5, 5));
    reader.drain();
    expect(reader.lines).toEqual(numbered(3, 5));
  });

  it('reads several copies that were made after it found the log empty', () => {
    writeFileSync(path, '');
    const reader = new ChainReader();
    const log = openFile(path);
    if (log) reader.chain.begin(log, new Place());
    reader.drain();
    expect(reader.chain.atLog).toBe(true);
    for (const line of [1, 2]) {
      appendFileSync(path, textOf(line, line));
      nextTick(folder);
      copyTruncate(path, beside(`mail.log-2026112${line}`));
    }
    reader.drain();
    expect(reader.lines).toEqual(numbered(1, 2));
  });

  it('ignores an older file that appears beside the log, because it is no copy of the log', () => {
    writeFileSync(beside('elsewhere'), textOf(90, 99));
    nextTick(folder);
    const reader = drained(textOf(1, 2));
    copyTruncate(path, beside('mail.log.1'));
    appendFileSync(path, textOf(3, 3));
    reader.drain();
    expect(reader.lines).toEqual(numbered(3, 3));
    renameSync(beside('elsewhere'), beside('mail.log.5'));
    reader.drain();
    appendFileSync(path, textOf(4, 4));
    reader.drain();
    expect(reader.lines).toEqual(numbered(3, 4));
  });

  it('reports how many bytes are lost without a copy, calculated from the last known size', () => {
    const reader = drained(textOf(1, 2));
    appendFileSync(path, textOf(3, 4));
    reader.chain.look(false);
    truncateSync(path);
    appendFileSync(path, textOf(5, 5));
    reader.drain();
    expect(reader.lines).toEqual(numbered(5, 5));
    expect(reader.reports).toEqual([
      `rotation: ${path}: truncated after ${textOf(1, 2).length} bytes, and no copy of it was found: ${textOf(3, 4).length} unread bytes are lost`,
    ]);
  });

  it('reports that lines may be lost without a copy, when no unread byte was known', () => {
    const reader = drained(textOf(1, 2));
    truncateSync(path);
    reader.drain();
    expect(reader.reports).toEqual([
      expect.stringMatching(/no copy of it was found: lines written just before the truncation may be lost$/),
    ]);
  });

  it('reads the unread lines from a copy that appears later, and reports that no line is lost', () => {
    const reader = drained(textOf(1, 2));
    appendFileSync(path, textOf(3, 4));
    copyTruncate(path, beside('elsewhere'));
    appendFileSync(path, textOf(5, 5));
    reader.drain();
    renameSync(beside('elsewhere'), beside('mail.log.1'));
    reader.drain();
    expect(reader.lines).toEqual([...numbered(5, 5), ...numbered(3, 4)]);
    expect(reader.reports.at(-1)).toBe(`copy: ${path}.1: is the copy of the truncated file: none of its lines is lost`);
  });

  it('joins the halves of a line that copytruncate has cut', () => {
    const reader = drained(`${textOf(1, 1)}helo=<`);
    copyTruncate(path, beside('mail.log.1'));
    appendFileSync(path, `other line>\n${textOf(2, 2)}`);
    reader.drain();
    expect(reader.lines).toEqual(['helo=<other line>', ...numbered(2, 2)]);
  });

  it('never joins two halves of a line, or reads a second half as a line, after a truncation without a copy', () => {
    const reader = drained(`${textOf(1, 1)}first half: helo=<`);
    truncateSync(path);
    appendFileSync(path, 'text of a client, ');
    reader.drain();
    appendFileSync(path, `and its end>\n${textOf(2, 2)}`);
    reader.drain();
    expect(reader.lines).toEqual(['first half: helo=<', ...numbered(2, 2)]);
  });

  it('reads the first line of a file that was truncated without a copy after a whole line', () => {
    const reader = drained(textOf(1, 1));
    truncateSync(path);
    appendFileSync(path, textOf(2, 3));
    reader.drain();
    expect(reader.lines).toEqual(numbered(2, 3));
  });

  it('skips the NULs that a writer leaves in the truncated log', () => {
    const reader = drained('');
    const writer = openSync(path, 'r+');
    writeSync(writer, textOf(1, 2));
    reader.drain();
    ftruncateSync(writer, 0);
    writeSync(writer, textOf(3, 3));
    closeSync(writer);
    reader.drain();
    expect(reader.lines).toEqual(numbered(1, 3));
  });
});
