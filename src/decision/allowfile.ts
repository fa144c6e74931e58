// A file of allowed networks, read again when it changes. A part of the allow-list; one of the two places in decision that do I/O.
import { closeSync, constants, fstatSync, openSync, readFileSync, statSync, type Stats } from 'node:fs';
import { ConfigError, errnoOf, messageOf } from '../errors.ts';
import type { Millis } from '../types.ts';
import { NetworkSet } from './networks.ts';
import { parseTable } from './table.ts';

/** Above this (about a million addresses) it is not a list that somebody meant. */
const LARGEST = 32 * 1024 * 1024;

/** A list that becomes shorter may be one that is just being written: it is taken when it was left alone this long. */
const SETTLED = 2000;

/** What a look at the file found: nothing new, a new list, or a fault that leaves the old list in place. */
export type Looked = { readonly changed?: string; readonly problem?: string };

interface Reading {
  readonly set: NetworkSet;
  readonly stamp: string;
  readonly modified: Millis;
}

/** The networks of one table file. */
export class AllowFile {
  readonly path: string;
  #reading: Reading;
  /** The state of the file that was reported as faulty, so that it is reported once. */
  #faulty: string | undefined;

  private constructor(path: string, reading: Reading) {
    this.path = path;
    this.#reading = reading;
  }

  /** Reads the file; throws ConfigError (`file:line:col: ...`, or `file: cannot be read: ...`). */
  static load(path: string): AllowFile {
    return new AllowFile(path, read(path));
  }

  get networks(): NetworkSet {
    return this.#reading.set;
  }

  /** Costs one stat when the file is unchanged. Never throws: with a bad line, or without the file, the last good list stays. */
  refresh(now: Millis): Looked {
    const stamp = stampAt(this.path);
    if (stamp === this.#reading.stamp || stamp === this.#faulty) return {};
    try {
      const reading = read(this.path);
      const before = this.#reading.set.size;
      const age = now - reading.modified;
      if (reading.set.size < before && age >= 0 && age < SETTLED) return {};
      this.#reading = reading;
      this.#faulty = undefined;
      return { changed: `${this.path}: read again, ${reading.set.size} networks (${before} before)` };
    } catch (thrown) {
      if (!(thrown instanceof ConfigError)) throw thrown;
      this.#faulty = stamp;
      return { problem: `${thrown.message}; the list as it was stays in force` };
    }
  }
}

/** Device, inode, size and times: what changes when a file is written or replaced. */
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
    // Not blocking: a FIFO under this name would hold the program for ever.
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
  // Taken before reading: when somebody writes meanwhile, the next look finds another stamp.
  const stats = fstatSync(file);
  if (!stats.isFile()) throw new ConfigError(`${path}: not a regular file`);
  if (stats.size > LARGEST)
    throw new ConfigError(`${path}: larger than ${LARGEST / 1024 / 1024} MiB, use networks instead of addresses`);
  const set = new NetworkSet(parseTable(readFileSync(file, 'utf8'), path));
  return { set, stamp: stampOf(stats), modified: stats.mtimeMs };
}
