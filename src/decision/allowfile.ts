// Reads a file of allowed networks, and reads it again when it changes. The file is a part of the allow-list. In this folder, only this file
// and machine.ts do I/O.
import { closeSync, constants, fstatSync, openSync, statSync, type Stats } from 'node:fs';
import { ConfigError, errnoOf, messageOf } from '../errors.ts';
import { lineBlocks } from '../lib/text/blocks.ts';
import type { Millis } from '../words/ports.ts';
import { parseTable } from './allowtable.ts';
import type { NamedNetworks } from './networks.ts';

/** The largest file in bytes (about a million addresses). A larger file is refused, because it cannot be meant as an allow-list. */
const LARGEST = 32 * 1024 * 1024;

/** A file with fewer networks than before may be only partly written. It is used when nobody has written to it for this time. */
const SETTLED: Millis = 2000;

/** The result of a check for changes. `text` is for the log. After a problem the last good list stays in force. */
export type Look = { readonly kind: 'unchanged' } | { readonly kind: 'changed' | 'problem'; readonly text: string };

/** The result when there is no change to report. */
export const UNCHANGED: Look = { kind: 'unchanged' };

interface Reading {
  readonly set: NamedNetworks;
  readonly stamp: string;
  readonly modified: Millis;
}

/** The networks of one table file. */
export class AllowFile {
  readonly path: string;
  #reading: Reading;
  /** The stamp of the file when it was reported as faulty. Each faulty state is reported once. */
  #faulty: string | undefined;

  private constructor(path: string, reading: Reading) {
    this.path = path;
    this.#reading = reading;
  }

  /** Reads the file; throws ConfigError (`file:line:col: ...`, or `file: cannot be read: ...`). */
  static load(path: string): AllowFile {
    return new AllowFile(path, read(path));
  }

  get networks(): NamedNetworks {
    return this.#reading.set;
  }

  /** Reads the file again if it changed; an unchanged file costs one stat(2). Never throws: a bad line or a missing file is a problem. */
  refresh(now: Millis): Look {
    const stamp = stampAt(this.path);
    if (stamp === this.#faulty) return UNCHANGED;
    this.#faulty = undefined;
    if (stamp === this.#reading.stamp) return UNCHANGED;
    try {
      const reading = read(this.path);
      const before = this.#reading.set.size;
      const age = now - reading.modified;
      // A negative age comes from a time in the future, which does not show when the file was written.
      if (reading.set.size < before && age >= 0 && age < SETTLED) return UNCHANGED;
      this.#reading = reading;
      return { kind: 'changed', text: `${this.path}: read again, ${reading.set.size} networks (${before} before)` };
    } catch (thrown) {
      if (!(thrown instanceof ConfigError)) throw thrown;
      this.#faulty = stamp;
      return { kind: 'problem', text: `${thrown.message}; the last good list stays in force` };
    }
  }
}

/** Device, inode, size and times: at least one of them changes when a file is written or replaced. */
function stampOf({ dev, ino, size, mtimeMs, ctimeMs }: Stats): string {
  return [dev, ino, size, mtimeMs, ctimeMs].join(' ');
}

function stampAt(path: string): string {
  try {
    return stampOf(statSync(path));
  } catch (thrown) {
    return messageOf(thrown);
  }
}

function read(path: string): Reading {
  try {
    // Without O_NONBLOCK, opening a FIFO would wait for a writer for ever.
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return readOpen(file, path);
    } finally {
      closeSync(file);
    }
  } catch (thrown) {
    if (errnoOf(thrown) === undefined) throw thrown;
    throw new ConfigError(`${path}: cannot be read: ${messageOf(thrown)}`, { cause: thrown });
  }
}

function readOpen(file: number, path: string): Reading {
  // The stamp is taken before the text is read. If the file is written in between, the next check finds another stamp and reads it again.
  const stats = fstatSync(file);
  if (!stats.isFile()) throw new ConfigError(`${path}: not a regular file`);
  if (stats.size > LARGEST) {
    throw new ConfigError(`${path}: larger than ${LARGEST / 1024 / 1024} MiB, use networks instead of addresses`);
  }
  // A file of /proc has no size. A file that grows meanwhile is read up to its size, and again at the next check.
  const size = stats.size || LARGEST;
  const set = parseTable(lineBlocks(file, size), stats.size, path);
  return { set, stamp: stampOf(stats), modified: stats.mtimeMs };
}
