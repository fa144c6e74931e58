// Opens old logs and standard input as chunks of bytes, in constant memory. Packed logs are recognised by their first bytes, not by name.
import { closeSync, fstatSync, readSync } from 'node:fs';
import { DamagedError, SourceError, errnoOf } from '../../errors.ts';
import { wholePages } from '../../lib/files/pages.ts';
import { printable } from '../../lib/text/printable.ts';
import type { Millis } from '../../words/ports.ts';
import { openRegularFile, unreadable } from '../open.ts';
import { formOf, isTar, LONGEST_MAGIC, TAR, TAR_HEADER, unpack, type Form } from './unpack/unpack.ts';

/** The size of one synchronous read in bytes. A stream of smaller chunks takes twice as long. */
const CHUNK = 1_048_576;

const NEWLINE = 0x0a;

/** The number of bytes at the start of a file that show its form, and in a gzip file also the time (RFC 1952, 2.3.1). */
const START = Math.max(LONGEST_MAGIC, 8);

/** A replacement for standard input: any iterable of byte chunks. */
export type Input = AsyncIterable<Uint8Array>;

/** An open log that is read once, from start to end. A chunk is valid until the next chunk is requested, because its memory is reused. */
export interface Chunks extends AsyncIterable<Buffer> {
  readonly compressed: boolean;
  /** The size of the file on disk in bytes; undefined for standard input. */
  readonly size: number | undefined;
  /** When the log was last written: the time in the gzip header, or the time of the file; undefined for standard input. */
  readonly modified: Millis | undefined;
  /** Bytes of the file that have been read so far. */
  bytesRead(): number;
  /**
   * Reads at any offset of the file, independently of the chunks. The result is valid until the next call. Absent for packed files and
   * standard input.
   */
  readonly readAt?: (offset: number, length: number) => Buffer;
}

/** Opens a log, or standard input for `-`. Rejects with a SourceError for a log that cannot be read, or that is packed in a refused form. */
export async function openChunks(path: string, input: Input = process.stdin): Promise<Chunks> {
  return path === '-' ? openInput(input) : openFile(path);
}

function openFile(path: string): Chunks {
  const file = openOrThrow(path);
  const stats = fstatSync(file);
  const first = Buffer.alloc(START);
  const known = first.subarray(0, readSync(file, first, 0, first.length, 0));
  const form = formOf(known);
  if (form?.refused !== undefined) {
    closeSync(file);
    throw refused(path, form, ` ${printable(path)}`);
  }
  let position = 0;
  let looked = Buffer.alloc(0);
  const read = (size: number): AsyncGenerator<Buffer> => readFile(path, file, size, (count) => void (position += count));
  const stamp = form?.name === 'gzip' && known.length >= 8 ? known.readUInt32LE(4) * 1000 : 0;
  const plain = {
    readAt: (offset: number, length: number) => {
      if (looked.length < length) looked = Buffer.alloc(length);
      return looked.subarray(0, readSync(file, looked, 0, length, offset));
    },
  };
  return {
    compressed: form !== undefined,
    size: stats.size,
    modified: stamp > 0 ? stamp : stats.mtimeMs,
    bytesRead: () => position,
    ...(!form && plain),
    [Symbol.asyncIterator]: () =>
      closing(file, refusingTar(path, ` ${printable(path)}`, form ? unpack(form, path, { file, read }) : read(CHUNK))),
  };
}

async function* closing(file: number, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* chunks;
  } finally {
    closeSync(file);
  }
}

function openOrThrow(path: string): number {
  let file: number | undefined;
  try {
    file = openRegularFile(path);
  } catch (thrown) {
    throw unreadable(path, thrown);
  }
  if (file === undefined) throw new SourceError(`${printable(path)}: no such file`);
  return file;
}

async function openInput(input: Input): Promise<Chunks> {
  const iterator = input[Symbol.asyncIterator]();
  let start = Buffer.alloc(0);
  let position = 0;
  while (start.length < START) {
    const next = await iterator.next();
    if (next.done) break;
    start = Buffer.concat([start, next.value]);
  }
  const where = 'standard input';
  const form = formOf(start);
  if (form?.refused !== undefined) throw refused(where, form, '');
  async function* read(): AsyncGenerator<Buffer> {
    position = start.length;
    if (start.length > 0) yield start;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      position += next.value.length;
      yield Buffer.from(next.value.buffer, next.value.byteOffset, next.value.length);
    }
  }
  return {
    compressed: form !== undefined,
    size: undefined,
    modified: undefined,
    bytesRead: () => position,
    [Symbol.asyncIterator]: () => refusingTar(where, '', form ? unpack(form, where, { read }) : read()),
  };
}

/**
 * Passes chunks on. Throws a SourceError before the first chunk when the log is a tar archive. The header of a tar archive has no newline, so
 * a first line is passed on at once.
 */
async function* refusingTar(path: string, file: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let start: Buffer | undefined = Buffer.alloc(0);
  try {
    for await (const chunk of chunks) {
      const bytes: Buffer = start === undefined || start.length === 0 ? chunk : Buffer.concat([start, chunk]);
      if (start === undefined) yield bytes;
      else if (bytes.length < TAR_HEADER && !bytes.includes(NEWLINE)) start = Buffer.from(bytes);
      else {
        if (isTar(bytes)) throw refused(path, TAR, file);
        start = undefined;
        yield bytes;
      }
    }
  } catch (thrown) {
    if (thrown instanceof DamagedError && start !== undefined && start.length > 0) yield start;
    throw thrown;
  }
  if (start !== undefined && start.length > 0) yield start;
}

function refused(path: string, form: Form, file: string): SourceError {
  const shown = printable(path);
  return new SourceError(
    `${shown}: is ${form.name}, which is not read; unpack it first: ${form.refused}${file} | trapline backfill -`,
  );
}

async function* readFile(path: string, file: number, size: number, advance: (count: number) => void): AsyncGenerator<Buffer> {
  const buffer = wholePages(size);
  try {
    for (let count = readSync(file, buffer); count > 0; count = readSync(file, buffer)) {
      advance(count);
      yield buffer.subarray(0, count);
    }
  } catch (thrown) {
    throw errnoOf(thrown) === undefined ? thrown : unreadable(path, thrown, DamagedError);
  }
}
