// Finds the rotated files that logrotate(8), newsyslog(8) and similar programs leave beside a log, and sorts them.
import { closeSync, fstatSync, lstatSync, readlinkSync, realpathSync, statfsSync, statSync, type BigIntStats } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import type { Millis } from '../../words/ports.ts';
import { isShortage, namesFor } from '../listing.ts';
import { openRegularFile } from '../open.ts';
import { beginAlike, headOf, identityOf, keyOf, type Identity } from './place.ts';

/** An open file, with its state when it was opened or last refreshed. */
export interface Opened {
  readonly path: string;
  readonly fd: number;
  readonly identity: Identity;
  readonly key: string;
  readonly size: number;
  /** Nanoseconds since 1970. */
  readonly modified: bigint;
  /** Nanoseconds since 1970. On a file system that records no birth time it is 0, so that no file counts as born later than another. */
  readonly born: bigint;
}

/**
 * The characters of the suffix of a rotated log: a separator, a digit, then any characters of SUFFIX. Examples are `.1`, `-20261125`,
 * `-20261125-1764028800` and `.2026-11-25`. The suffix is at the end of the name or before its extension. `.old` is a suffix, too.
 */
const SEPARATOR = /[.\-_]/;
const DIGIT = /\d/;
const SUFFIX = /[\d.T:_-]/;

const COMPRESSED = /\.(?:gz|xz|zst|bz2|lz4|Z|lzma)$/;

/** Opens a regular file for reading; undefined when no such file exists. Throws the system errors of openRegularFile. */
export function openFile(path: string): Opened | undefined {
  const fd = openRegularFile(path);
  return fd === undefined ? undefined : { path, fd, ...stateOf(fd) };
}

/** Returns the result of stat(2) for a path; undefined when no file exists there, or when its folder may not be searched. */
export function statOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined; // EACCES or ELOOP: opening the file reports the error.
  }
}

/** Resolves the symbolic links of a path. For a link to a missing file, returns the path that this file would have. */
export function resolveLink(path: string): string {
  const absolute = resolve(path);
  try {
    return realpathSync(absolute);
  } catch {
    try {
      if (lstatSync(absolute, { throwIfNoEntry: false })?.isSymbolicLink())
        return resolve(dirname(absolute), readlinkSync(absolute));
      return join(realpathSync(dirname(absolute)), basename(absolute));
    } catch {
      return absolute; // The folder is missing too.
    }
  }
}

/**
 * The last known instant at which an open file had no byte behind an offset: `now`, if the file ends there, and else `ended`, or its birth.
 * Undefined: no such instant is known, because the file system records no birth time.
 */
export function endedAt(file: Opened, offset: number, now: Millis, ended?: Millis): Millis | undefined {
  return fstatSync(file.fd).size === offset ? now : (ended ?? bornAt(file));
}

/** The birth of a file. Undefined on a file system that records no birth time. */
export function bornAt({ born }: Opened): Millis | undefined {
  return born === 0n ? undefined : Number(born / 1_000_000n);
}

/** True when the disk of a path has no block that a user other than root may use. */
export function isDiskFull(path: string): boolean {
  try {
    return statfsSync(dirname(path)).bavail === 0;
  } catch {
    return false; // The folder is gone too.
  }
}

/** An open file with its present size and times. */
export function refreshed(file: Opened): Opened {
  return { ...file, ...stateOf(file.fd) };
}

function stateOf(fd: number): Omit<Opened, 'path' | 'fd'> {
  const stats = fstatSync(fd, { bigint: true });
  const identity = identityOf(stats);
  return { identity, key: keyOf(identity), size: Number(stats.size), modified: stats.mtimeNs, born: stats.birthtimeNs };
}

/**
 * Returns the paths of the rotated files of a log, which are in the folder of the log: only the uncompressed files or, with `compressed`,
 * only the compressed files. Throws a system error when the system is short of descriptors or memory.
 */
export function rotatedPaths(path: string, compressed = false): string[] {
  const folder = dirname(path);
  return namesFor(folder, basename(path), logsOf)
    .filter((name) => COMPRESSED.test(name) === compressed)
    .map((name) => join(folder, name));
}

/** True for the name of a rotated file, compressed or not, of the log at `path`. */
export function isRotated(name: string, path: string): boolean {
  return logsOf(name).includes(basename(path));
}

/**
 * The names of the logs of which a file with this name could be a rotated copy: `mail.log` for `mail.log.2.gz`, and for `mail-20261125.log`.
 * Empty when no rotated file has such a name. The result depends only on the name, so it takes the same time for any number of logs.
 */
export function logsOf(name: string): readonly string[] {
  const plain = name.replace(COMPRESSED, '');
  const extension = extname(plain);
  // logrotate's `extension`: mail.log -> mail-20261125.log
  const stems = extension === '' ? [] : beforeSuffix(plain.slice(0, plain.length - extension.length));
  return [...new Set([...(plain === name ? [] : [plain]), ...beforeSuffix(plain), ...stems.map((stem) => stem + extension)])];
}

/** The beginnings of a text that remain without the suffix of a rotated log. A text such as `mail.log.1-2` has several such suffixes. */
function beforeSuffix(text: string): string[] {
  const starts = text.endsWith('.old') ? [text.slice(0, -'.old'.length)] : [];
  for (let at = text.length - 1; at > 0 && SUFFIX.test(text.charAt(at)); at -= 1)
    if (SEPARATOR.test(text.charAt(at)) && DIGIT.test(text.charAt(at + 1))) starts.push(text.slice(0, at));
  return starts.filter((start) => start !== '');
}

/**
 * Opens the uncompressed rotated files beside a log. Leaves out a file for whose key `skip` is true, and a file that may not be read. Throws
 * a system error, and leaves no file open, when the system is short of descriptors or memory.
 */
export function openRotated(path: string, skip: (key: string) => boolean): Opened[] {
  const files: Opened[] = [];
  for (const rotated of rotatedPaths(path)) {
    try {
      const file = openFile(rotated);
      if (file && skip(file.key)) closeSync(file.fd);
      else if (file) files.push(file);
    } catch (thrown) {
      if (isShortage(thrown)) {
        closeAll(files);
        throw thrown; // The caller has to try again. Without this file its lines would be skipped.
      }
      // A rotated file without read permission could not be read as the log either, so none of its lines has been read.
    }
  }
  return files;
}

/** Closes files. */
export function closeAll(files: readonly Opened[]): void {
  for (const file of files) closeSync(file.fd);
}

/**
 * Compares two files for sorting in the order in which they were written: by their last change, then by birth. If both times are equal, the
 * names decide: `.2` comes before `.1`, and an earlier date before a later date.
 */
export function byTime(one: Opened, other: Opened): number {
  if (one.modified !== other.modified) return one.modified < other.modified ? -1 : 1;
  if (one.born !== other.born) return one.born < other.born ? -1 : 1;
  const numbers = [one, other].map(({ path }) => Number(/\.(\d{1,4})$/.exec(path)?.[1] ?? 0));
  return (numbers[1] ?? 0) - (numbers[0] ?? 0) || (one.path < other.path ? -1 : 1);
}

/**
 * True for a copy of the log's present contents, complete or still being written, as copytruncate makes it. Such a copy was born later than
 * the log, and both begin with equal bytes. Its lines are read from the log as long as the log holds them. An older file that begins with
 * equal bytes is an earlier log, not a copy. Without birth times no file counts as a copy: its lines may then be read twice, but no line is
 * lost.
 */
export function isCopyOf(file: Opened, log: Opened): boolean {
  return file.born > log.born && beginAlike(file.fd, file.size, headOf(log.fd));
}

/**
 * True for a file beside the log that must be read. A copy of the present log is not read. While the log itself is read, only a file that
 * was born later is read.
 */
export function isDue(file: Opened, log: Opened | undefined, atLog: boolean): boolean {
  if (!log) return true;
  return !isCopyOf(file, log) && (!atLog || file.born > log.born);
}
