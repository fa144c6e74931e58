// Where to begin in a log: at its start, at its end, or where a cursor says, through the rotations that happened since it was made.
import { lstatSync, readlinkSync, readSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Clock } from '../../types.ts';
import { openChunks } from '../chunks.ts';
import { LineSplitter } from '../lines.ts';
import { fingerprintOf, keyOf, lastOf, Place, placeOf, type Cursor } from './place.ts';
import { byTime, closeAll, openFile, openRotated, rotatedPaths, type Opened } from './rotation.ts';

/** Where to begin. */
export type From = 'start' | 'end' | Cursor;

/** So many of the newest gzip files are searched for the place of a cursor, each of at most so many bytes. */
const GZIP_SEARCHED = 5;
const GZIP_LARGEST = 67_108_864;

/** A line's beginning is looked for in so many bytes before the end of a file. */
const LAST_LINE = 8192;

/** The place where reading begins. */
export interface Beginning {
  /** The file to begin in; undefined when there is none yet. */
  readonly file: Opened | undefined;
  readonly place: Place;
  /** Keys of the files beside it that have been read already. */
  readonly known: readonly string[];
}

/** Lines to be delivered first, and what was not found: a text for the operator. */
export interface Resumption extends Beginning {
  readonly unread: AsyncIterable<{ readonly bytes: Buffer; readonly cursor: Cursor }>;
  readonly lost?: string;
}

/** The path that symbolic links lead to; of a link that leads nowhere the path where the file would be. */
export function resolveLink(path: string): string {
  const absolute = resolve(path);
  try {
    return realpathSync(absolute);
  } catch {
    try {
      if (lstatSync(absolute).isSymbolicLink()) return resolve(dirname(absolute), readlinkSync(absolute));
      return join(realpathSync(dirname(absolute)), basename(absolute));
    } catch {
      return absolute;
    }
  }
}

/** The beginning without a cursor. The end is that of the last whole line. Throws a system error when the file cannot be opened. */
export function startOf(path: string, from: 'start' | 'end'): Beginning {
  const file = openFile(path);
  const rotated = openRotated(path, () => false);
  closeAll(rotated);
  const place = file && from === 'end' ? Place.in(file.fd, endOf(file)) : new Place();
  return { file, place, known: rotated.map((other) => other.key) };
}

function endOf(file: Opened): number {
  const start = Math.max(0, file.size - LAST_LINE);
  const bytes = Buffer.alloc(file.size - start);
  const newline = bytes.subarray(0, readSync(file.fd, bytes, 0, bytes.length, start)).lastIndexOf(0x0a);
  return newline < 0 && start > 0 ? file.size : start + newline + 1;
}

/**
 * The beginning at a cursor: in the same file, in one that holds the same bytes there (rotated, or copied), in a gzip file that does; or,
 * with a text for the operator, in what was written after the cursor was made. Throws a system error when the log cannot be opened.
 */
export async function resume(
  path: string,
  cursor: Cursor,
  ports: { readonly clock: Clock; readonly cut: () => void },
): Promise<Resumption> {
  const log = openFile(path);
  const rotated = openRotated(path, () => false).toSorted(byTime);
  const files = [...(log ? [log] : []), ...rotated.toReversed()];
  const wasThere = cursor.ino !== '';
  const same = files.filter((file) => file.key === keyOf(cursor));
  const others = files.filter((file) => file.key !== keyOf(cursor));
  for (const file of wasThere ? [...same, ...others] : []) {
    const place = placeOf(file.fd, file.size, cursor);
    if (!place) continue;
    const read = file === log ? rotated : rotated.filter((other) => byTime(other, file) < 0);
    const known = read.map((other) => other.key);
    closeAll(files.filter((other) => other !== file));
    return { file, place, known, unread: none() };
  }
  closeAll(files);
  const unread = wasThere ? await gzipFrom(path, cursor) : [];
  // In whole nanoseconds: files of one moment must not differ by rounding.
  const since = unread[0] ? statSync(unread[0], { bigint: true }).mtimeNs : BigInt(Math.trunc(cursor.at)) * 1_000_000n;
  const known = rotated.filter((file) => file.modified < since).map((file) => file.key);
  const beginning = { file: undefined, place: new Place(), known };
  if (unread.length > 0) return { ...beginning, unread: inflated(unread, cursor, ports) };
  const lost =
    'where reading stopped was found neither in it nor in its rotated copies: begins with what was written since; lines may be lost';
  return { ...beginning, unread: none(), ...(wasThere && { lost }) };
}

async function* none(): AsyncGenerator<never> {}

/** The gzip files with unread lines, oldest first; the first one holds the place of the cursor. Empty when none does. */
async function gzipFrom(path: string, cursor: Cursor): Promise<string[]> {
  const paths = rotatedPaths(path, true).filter((name) => name.endsWith('.gz'));
  const newest = paths
    .map((name) => ({ name, stats: statSync(name, { throwIfNoEntry: false }) }))
    .flatMap(({ name, stats }) => (stats && stats.size <= GZIP_LARGEST ? [{ name, modified: stats.mtimeMs }] : []))
    .toSorted((one, other) => other.modified - one.modified || (one.name < other.name ? -1 : 1))
    .slice(0, GZIP_SEARCHED);
  for (const [index, { name }] of newest.entries()) {
    if (await holds(name, cursor))
      return newest
        .slice(0, index + 1)
        .map((file) => file.name)
        .toReversed();
  }
  return [];
}

async function holds(path: string, cursor: Cursor): Promise<boolean> {
  let offset = 0;
  let recent: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of await openChunks(path)) {
      const wanted = chunk.subarray(0, cursor.offset - offset);
      recent = lastOf(recent, wanted);
      offset += wanted.length;
      if (offset === cursor.offset) return fingerprintOf(recent) === cursor.fingerprint;
    }
  } catch {
    // Being written, damaged or not for us to read.
  }
  return false;
}

async function* inflated(
  paths: readonly string[],
  from: Cursor,
  ports: { readonly clock: Clock; readonly cut: () => void },
): AsyncGenerator<{ bytes: Buffer; cursor: Cursor }> {
  let skip = from.offset;
  for (const path of paths) {
    const place = new Place();
    const lines = new LineSplitter(ports.cut);
    for await (const chunk of await openChunks(path)) {
      const read = chunk.subarray(0, Math.max(0, skip - place.offset));
      place.advance(read);
      const fresh = chunk.subarray(read.length);
      const parts = lines.feed(fresh);
      const cursor = place.cursor(from, fresh, fresh.lastIndexOf(0x0a) + 1, ports.clock());
      place.advance(fresh);
      if (parts.length > 0) yield { bytes: Buffer.concat(parts), cursor };
    }
    const last = lines.flush();
    if (last) yield { bytes: last, cursor: place.cursor(from, Buffer.alloc(0), 0, ports.clock()) };
    skip = 0;
  }
}
