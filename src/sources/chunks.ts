// Old logs and standard input -> chunks of bytes, in constant memory: plain or gzip, told apart by their first bytes, never by their name.
import { closeSync, fstatSync, readSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { SourceError, errnoOf, messageOf } from '../errors.ts';
import { printable } from '../lib/printable.ts';
import type { Millis } from '../types.ts';
import { openFile } from './follow/rotation.ts';

/** Read synchronously in buffers of this size: a stream of smaller ones costs twice as much. */
const CHUNK = 1_048_576;

/** Compressed bytes that are inflated at a time. Also bounds what is lost before a place where the file is damaged. */
const GZIP_INPUT = 65_536;

/** First bytes of the forms that are known (RFC 1952 for gzip), and the program that prints what is inside. */
const FORMS: readonly { readonly magic: Buffer; readonly name: string; readonly program?: string }[] = [
  { magic: Buffer.from([0x1f, 0x8b, 0x08]), name: 'gzip' },
  { magic: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]), name: 'xz', program: 'xz -dc' },
  { magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), name: 'zstd', program: 'zstd -dc' },
  { magic: Buffer.from('BZh'), name: 'bzip2', program: 'bzip2 -dc' },
  { magic: Buffer.from([0x04, 0x22, 0x4d, 0x18]), name: 'lz4', program: 'lz4 -dc' },
  { magic: Buffer.from([0x1f, 0x9d]), name: 'compress', program: 'zcat' },
  { magic: Buffer.from('PK\u0003\u0004'), name: 'zip', program: 'unzip -p' },
  { magic: Buffer.from('LPKSHHRH'), name: 'a journal file', program: 'journalctl --output=json --file' },
];

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
  /** Bytes at an offset of a plain file; does not move the reading. */
  readonly readAt?: (offset: number, length: number) => Buffer;
}

/** Opens a log, or standard input for `-`. Throws a SourceError for what cannot be read, and for compressed forms other than gzip. */
export async function openChunks(path: string, input: Input = process.stdin): Promise<Chunks> {
  if (path === '-') return openInput(input);
  const file = openFileOrThrow(path);
  const stats = fstatSync(file);
  const first = Buffer.alloc(10);
  const known = first.subarray(0, readSync(file, first, 0, first.length, 0));
  const compressed = isGzip(path, known, () => closeSync(file));
  let position = 0;
  const raw = readFile(path, file, compressed ? GZIP_INPUT : CHUNK, (count) => {
    position += count;
  });
  const stamp = compressed && known.length >= 8 ? known.readUInt32LE(4) * 1000 : 0;
  return {
    compressed,
    size: stats.size,
    modified: stamp > 0 ? stamp : stats.mtimeMs,
    bytesRead: () => position,
    readAt: (offset, length) => {
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, readSync(file, bytes, 0, length, offset));
    },
    [Symbol.asyncIterator]: () => (compressed ? inflate(path, raw) : raw),
  };
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
  while (start.length < 10) {
    const next = await iterator.next();
    if (next.done) break;
    start = Buffer.concat([start, next.value]);
  }
  const where = 'standard input';
  const compressed = isGzip(where, start, () => {});
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
    compressed,
    size: undefined,
    modified: undefined,
    bytesRead: () => position,
    [Symbol.asyncIterator]: () => (compressed ? inflate(where, chunks) : chunks),
  };
}

function isGzip(path: string, start: Buffer, close: () => void): boolean {
  const form = FORMS.find(({ magic }) => start.subarray(0, magic.length).equals(magic));
  if (form?.program === undefined) return form !== undefined;
  close();
  const shown = printable(path);
  const file = path === 'standard input' ? '' : ` ${shown}`;
  throw new SourceError(
    `${shown}: is ${form.name}, which is not read; unpack it first: ${form.program}${file} | trapline backfill -`,
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

/**
 * Inflates as it goes, all members of the file. What comes before a cut or a damaged place is yielded; then a SourceError says where it is.
 * Written piece by piece, so that the error of a file that ends too early comes after everything that was in it.
 */
async function* inflate(path: string, compressed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: CHUNK });
  let failure: Error | undefined;
  let written = true;
  let wake: (() => void) | undefined;
  gunzip.on('error', (error) => {
    failure = error;
    wake?.();
  });
  gunzip.on('readable', () => wake?.());
  gunzip.on('end', () => wake?.());
  let taken = 0;
  let produced = 0;
  async function* drain(isDone: () => boolean): AsyncGenerator<Buffer> {
    for (;;) {
      const chunk = gunzip.read() as Buffer | null;
      if (chunk) {
        produced += chunk.length;
        yield chunk;
      } else if (failure || isDone()) return;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  }
  const finished = (): void => {
    written = true;
    wake?.();
  };
  try {
    for await (const piece of compressed) {
      written = false;
      taken += piece.length;
      gunzip.write(piece, finished);
      yield* drain(() => written);
      if (failure) break;
    }
    if (!failure) {
      gunzip.end();
      yield* drain(() => gunzip.readableEnded);
    }
    if (failure) throw broken(path, failure, taken, produced);
  } finally {
    gunzip.destroy();
  }
}

function broken(path: string, failure: Error, taken: number, produced: number): SourceError {
  const shown = printable(path);
  const cut = errnoOf(failure) === 'Z_BUF_ERROR';
  const what = cut ? `ends in the middle, after ${taken} bytes` : `is damaged within the last ${GZIP_INPUT} of ${taken} bytes`;
  const advice = cut ? 'fetch the whole file' : 'see what gzip -t says';
  return new SourceError(`${shown}: the gzip file ${what}, ${advice}; the ${produced} bytes before were used`, { cause: failure });
}
