// Finds where to begin in a log: at its start, at its end, or at a cursor. A cursor is found through the rotations that happened since it
// was made.
import { readSync, statSync } from 'node:fs';
import type { Clock, Millis } from '../../../words/ports.ts';
import { cursorOfMissingLog, keyOf, Place, placeOf, shiftedPlaceOf, type Cursor } from '../place.ts';
import type { Lines } from '../progress.ts';
import { linesAfter, pathsFrom, type GzipPorts } from './gzip.ts';
import { byTime, closeAll, openFile, openRotated, type Opened } from '../rotation.ts';

/** The place at which reading is to begin. */
export type From = 'start' | 'end' | Cursor;

/** The number of bytes at the end of a file that are searched for the last newline. */
const LAST_LINE = 8192;

/** The place at which reading begins, and the lines that are delivered first. */
export interface Beginning {
  /** The open file in which reading begins. Undefined: reading begins at the start of the next file that is new or unread. */
  readonly file: Opened | undefined;
  readonly place: Place;
  /** Keys of the rotated files that are not to be read. */
  readonly ignored: readonly string[];
  /** The cursor to be delivered first, without lines. */
  readonly cursor?: Cursor;
  /** Lines of compressed files, which are delivered first. */
  readonly unread: AsyncIterable<Lines>;
  /** A text for the operator when the place of the cursor was not found. */
  readonly lost?: string;
}

/** Opens the log and finds where to begin. Rejects with a system error when the log exists and cannot be opened. */
export async function beginningOf(path: string, from: From, ports: GzipPorts): Promise<Beginning> {
  return typeof from === 'string' ? startOf(path, from, ports.clock) : resume(path, from, ports);
}

/** Finds the beginning without a cursor. `end` means the end of the last whole line. */
function startOf(path: string, from: 'start' | 'end', clock: Clock): Beginning {
  const file = openFile(path);
  const rotated = openBeside(file, path);
  closeAll(rotated);
  const place = file && from === 'end' ? Place.in(file.fd, endOf(file)) : new Place();
  const beginning = { file, place, ignored: rotated.map(({ key }) => key), unread: none() };
  if (from === 'start') return beginning;
  return { ...beginning, cursor: file ? place.cursor(file.identity, Buffer.alloc(0), 0, clock()) : cursorOfMissingLog(clock()) };
}

/** Opens the rotated files of a log. When the system is short of descriptors, closes the log as well and throws. */
function openBeside(log: Opened | undefined, path: string): Opened[] {
  try {
    return openRotated(path, () => false);
  } catch (thrown) {
    closeAll(log ? [log] : []);
    throw thrown;
  }
}

/**
 * Returns the offset behind the last newline. If the last 8 KiB hold no newline, they are part of a very long line, and the end of the file
 * is returned.
 */
function endOf(file: Opened): number {
  const start = Math.max(0, file.size - LAST_LINE);
  const bytes = Buffer.alloc(file.size - start);
  const newline = bytes.subarray(0, readSync(file.fd, bytes, 0, bytes.length, start)).lastIndexOf(0x0a);
  return newline < 0 && start > 0 ? file.size : start + newline + 1;
}

/**
 * Finds the place of a cursor: in the file whose identity the cursor holds, else in a copy of that file, else in a gzip file. A copy and a
 * gzip file are recognised by the bytes before the place. If no file holds the place, reading begins with files that were written to after
 * the cursor was made. `lost` is then set, unless the log did not exist when the cursor was made.
 */
async function resume(path: string, cursor: Cursor, ports: GzipPorts): Promise<Beginning> {
  const log = openFile(path);
  const rotated = openBeside(log, path).toSorted(byTime);
  const files = [...(log ? [log] : []), ...rotated.toReversed()];
  const found = findPlace(files, cursor);
  closeAll(files.filter((file) => file !== found?.file));
  if (found) {
    const earlier = found.file === log ? rotated : rotated.filter((file) => byTime(file, found.file) < 0);
    return { ...found, ignored: earlier.map(({ key }) => key), unread: none() };
  }
  const packed = cursor.offset > 0 ? await pathsFrom(path, cursor) : [];
  const since = packed[0] === undefined ? nanoseconds(cursor.at) : statSync(packed[0], { bigint: true }).mtimeNs;
  const ignored = rotated.filter((file) => file.modified < since).map(({ key }) => key);
  const beginning = { file: undefined, place: new Place(), ignored };
  if (packed.length > 0) return { ...beginning, unread: linesAfter(packed, cursor, ports) };
  const lost =
    'neither this file nor a rotated file holds the place where reading stopped; reading begins with later lines, and lines may be lost';
  return { ...beginning, unread: none(), ...(existed(cursor) && { lost }) };
}

/**
 * Finds the file that holds the place of a cursor: the file of the cursor, else the first file with equal bytes before the place. If there is
 * none, the file of the cursor may have been rewritten in place, see `shiftedPlaceOf`. `files` are sorted, the newest first.
 */
function findPlace(files: readonly Opened[], cursor: Cursor): { readonly file: Opened; readonly place: Place } | undefined {
  const own = files.filter((file) => file.key === keyOf(cursor));
  // Without bytes before the place, a copy cannot be recognised.
  const others = cursor.offset > 0 ? files.filter((file) => file.key !== keyOf(cursor)) : [];
  for (const file of [...own, ...others]) {
    const place = placeOf(file.fd, file.size, cursor);
    if (place) return { file, place };
  }
  for (const file of own) {
    const place = shiftedPlaceOf(file.fd, cursor);
    if (place) return { file, place };
  }
  return undefined;
}

/** False for the cursor of a log that did not exist yet. */
function existed(cursor: Cursor): boolean {
  return cursor.ino !== '';
}

/** Converts milliseconds to the nanoseconds of file times. The result is a bigint, because a number has too few digits. */
function nanoseconds(at: Millis): bigint {
  return BigInt(Math.trunc(at)) * 1_000_000n;
}

async function* none(): AsyncGenerator<never> {}
