// What logrotate(8), newsyslog(8) and the like leave beside a log: finding the files that held its lines before, and their order.
import { closeSync, constants, fstatSync, openSync, readdirSync, statSync, type BigIntStats } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { errnoOf } from '../../errors.ts';
import { beginAlike, identityOf, keyOf, type Identity } from './place.ts';

/** An open file. */
export interface Opened {
  readonly path: string;
  readonly fd: number;
  readonly identity: Identity;
  readonly key: string;
  readonly size: number;
  /** Nanoseconds since 1970. */
  readonly modified: bigint;
  readonly born: bigint;
}

/** `.1`, `-20261125`, `-20261125-1764028800`, `.2026-11-25`, `.old`: what comes after the name of the log, or before its extension. */
const ROTATED = /^(?:[.\-_]\d[\d.T:_-]*|\.old)$/;

const COMPRESSED = /\.(?:gz|xz|zst|bz2|lz4|Z|lzma)$/;

/**
 * Opens a regular file for reading; undefined when there is none (any more). Throws a system error when it cannot be read, `EISDIR` for
 * a directory, `EINVAL` for what is neither. A named pipe does not make it wait.
 */
export function openFile(path: string): Opened | undefined {
  let fd: number;
  try {
    // oxlint-disable-next-line no-bitwise -- flags of open(2)
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT' || errnoOf(thrown) === 'ENOTDIR') return undefined;
    throw thrown;
  }
  const stats = fstatSync(fd, { bigint: true });
  if (!stats.isFile()) {
    closeSync(fd);
    throw Object.assign(new Error('not a regular file'), { code: stats.isDirectory() ? 'EISDIR' : 'EINVAL' });
  }
  return { path, fd, ...lookOf(fd) };
}

/** What is at a path; undefined when there is nothing, or nothing for us to see. */
export function statOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** The same file as it is now. */
export function refreshed(file: Opened): Opened {
  return { ...file, ...lookOf(file.fd) };
}

function lookOf(fd: number): Omit<Opened, 'path' | 'fd'> {
  const stats = fstatSync(fd, { bigint: true });
  const identity = identityOf(stats);
  return { identity, key: keyOf(identity), size: Number(stats.size), modified: stats.mtimeNs, born: stats.birthtimeNs };
}

/** The paths beside a log that have the name of a rotated copy of it; `compressed` ones or the others. */
export function rotatedPaths(path: string, compressed = false): string[] {
  let names: string[];
  try {
    names = readdirSync(dirname(path));
  } catch {
    return [];
  }
  return names
    .filter((name) => COMPRESSED.test(name) === compressed && isRotated(name, path))
    .map((name) => join(dirname(path), name));
}

/** Whether a file name is that of a rotated copy, compressed or not, of the log at `path`. */
export function isRotated(name: string, path: string): boolean {
  const base = basename(path);
  const plain = name.replace(COMPRESSED, '');
  if (plain === base) return name !== base;
  if (plain.startsWith(base)) return ROTATED.test(plain.slice(base.length));
  // logrotate's `extension`: mail.log -> mail-20261125.log
  const extension = extname(base);
  const stem = base.slice(0, base.length - extension.length);
  if (extension === '' || !plain.startsWith(stem) || !plain.endsWith(extension)) return false;
  return ROTATED.test(plain.slice(stem.length, plain.length - extension.length));
}

/** Opens the rotated, not compressed files beside a log, but those of whose key `skip` is true, and those that cannot be read. */
export function openRotated(path: string, skip: (key: string) => boolean): Opened[] {
  const files: Opened[] = [];
  for (const rotated of rotatedPaths(path)) {
    try {
      const file = openFile(rotated);
      if (file && skip(file.key)) closeSync(file.fd);
      else if (file) files.push(file);
    } catch {
      // Not for us to read: it cannot hold lines that we could have read before.
    }
  }
  return files;
}

/** Closes files. */
export function closeAll(files: readonly Opened[]): void {
  for (const file of files) closeSync(file.fd);
}

/** The order in which files were written; of those of one tick of the clock `.2` comes before `.1`, and dates in their order. */
export function byTime(one: Opened, other: Opened): number {
  if (one.modified !== other.modified) return one.modified < other.modified ? -1 : 1;
  if (one.born !== other.born) return one.born < other.born ? -1 : 1;
  const numbers = [one, other].map(({ path }) => Number(/\.(\d{1,4})$/.exec(path)?.[1] ?? 0));
  return (numbers[1] ?? 0) - (numbers[0] ?? 0) || (one.path < other.path ? -1 : 1);
}

/**
 * Whether a file is the copy that copytruncate has made, or is making, of what the log holds now: born while the log was there, and it
 * begins alike. Its lines are read from the log itself, as long as they are there.
 */
export function isCopyOf(file: Opened, log: Opened, head: Buffer): boolean {
  return file.born > log.born && beginAlike(file.fd, file.size, head);
}
