// Old logs and standard input -> chunks of bytes, in constant memory: plain or packed, told apart by their first bytes, never by their name.
import { closeSync, fstatSync, readSync } from 'node:fs';
import { SourceError, errnoOf, messageOf } from '../errors.ts';
import { printable } from '../lib/printable.ts';
import type { Millis } from '../types.ts';
import { openFile } from './follow/rotation.ts';
import { formOf, LONGEST_MAGIC, type Form } from './unpack/forms.ts';
import { GZIP_INPUT, inflate } from './unpack/gzip.ts';
import { unpackWith } from './unpack/program.ts';

/** Read synchronously in buffers of this size: a stream of smaller ones costs twice as much. */
const CHUNK = 1_048_576;

/** Bytes of a file's start that are looked at: where a gzip header has its time (RFC 1952, 2.3). */
const START = Math.max(LONGEST_MAGIC, 8);

/** What standard input can be: anything that yields chunks of bytes. */
export type Input = AsyncIterable<Uint8Array>;

/** A log opened to be read once. A chunk is valid until the next one is asked for: its memory is used again. */
export interface Chunks extends AsyncIterable<Buffer> {
  readonly compressed: boolean;
  /** Bytes of the file itself; undefined for standard input. */
  readonly size: number | undefined;
  /** When the log was last written: the time in the gzip header, or the file's own; undefined for standard input. */
  readonly modified: Millis | undefined;
  /** Bytes of the file that have been read so far. */
  bytesRead(): number;
  /** Bytes at an offset of a plain file, valid until the next call; does not move the reading. */
  readonly readAt?: (offset: number, length: number) => Buffer;
}

/** Opens a log, or standard input for `-`. Throws a SourceError for what cannot be read. */
export async function openChunks(path: string, input: Input = process.stdin): Promise<Chunks> {
  if (path === '-') return openInput(input);
  const file = openFileOrThrow(path);
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
  const raw = (size: number): AsyncGenerator<Buffer> =>
    readFile(path, file, size, (count) => {
      position += count;
    });
  const stamp = form?.name === 'gzip' && known.length >= 8 ? known.readUInt32LE(4) * 1000 : 0;
  return {
    compressed: form !== undefined,
    size: stats.size,
    modified: stamp > 0 ? stamp : stats.mtimeMs,
    bytesRead: () => position,
    readAt: (offset, length) => {
      if (looked.length < length) looked = Buffer.alloc(length);
      return looked.subarray(0, readSync(file, looked, 0, length, offset));
    },
    [Symbol.asyncIterator]: () => {
      if (!form) return raw(CHUNK);
      return form.program ? closing(file, unpackWith(form.program, path, file)) : inflate(path, raw(GZIP_INPUT));
    },
  };
}

async function* closing(file: number, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* chunks;
  } finally {
    closeSync(file);
  }
}

function openFileOrThrow(path: string): number {
  const shown = printable(path);
  try {
    const file = openFile(path);
    if (file) return file.fd;
  } catch (thrown) {
    throw unreadable(path, thrown);
  }
  throw new SourceError(`${shown}: no such file`);
}

/** The SourceError for a path that could not be opened or read. */
export function unreadable(path: string, thrown: unknown): SourceError {
  const shown = printable(path);
  const cause = { cause: thrown };
  switch (errnoOf(thrown)) {
    case 'EISDIR':
      return new SourceError(`${shown}: is a directory, name the files in it (${shown}/*)`, cause);
    case 'EINVAL':
      return new SourceError(`${shown}: is not a regular file`, cause);
    case 'EACCES':
    case 'EPERM':
      return new SourceError(`${shown}: permission denied, read it as root or as a member of its group (adm on Debian)`, cause);
    case undefined:
    default:
      return new SourceError(`${shown}: cannot be read: ${messageOf(thrown)}`, cause);
  }
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
  async function* raw(): AsyncGenerator<Buffer> {
    position = start.length;
    if (start.length > 0) yield start;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      position += next.value.length;
      yield Buffer.from(next.value.buffer, next.value.byteOffset, next.value.length);
    }
  }
  const chunks = raw();
  return {
    compressed: form !== undefined,
    size: undefined,
    modified: undefined,
    bytesRead: () => position,
    [Symbol.asyncIterator]: () => {
      if (!form) return chunks;
      return form.program ? unpackWith(form.program, where, chunks) : inflate(where, chunks);
    },
  };
}

function refused(path: string, form: Form, file: string): SourceError {
  const shown = printable(path);
  return new SourceError(
    `${shown}: is ${form.name}, which is not read; unpack it first: ${form.refused}${file} | trapline backfill -`,
  );
}

async function* readFile(path: string, file: number, size: number, advance: (count: number) => void): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(size);
  try {
    for (;;) {
      const count = readSync(file, buffer);
      if (count === 0) return;
      advance(count);
      yield buffer.subarray(0, count);
    }
  } catch (thrown) {
    throw thrown instanceof SourceError || errnoOf(thrown) === undefined ? thrown : unreadable(path, thrown);
  } finally {
    closeSync(file);
  }
}
