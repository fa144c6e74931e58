// The files of one log that have been read or are not to be read, by what tells them from others, however they are called by now.
import type { LineSplitter } from '../lines.ts';
import type { Place } from './place.ts';
import { closeAll, openRotated, type Opened } from './rotation.ts';

/** How far one file has been read, with its unfinished line. */
export interface Reading {
  readonly place: Place;
  readonly lines: LineSplitter;
  /** The writer may go on at its old place in a file that was cut down to nothing: the hole before it reads as NULs, which are skipped. */
  hole: boolean;
}

/** A file is forgotten when so many looks through the directory missed it: one alone may miss a file that is being renamed. */
const SCANS = 64;

/** Files that were cut down, whose copies are waited for. */
const CUT_DOWN = 8;

/** Remembers files by their key. */
export class KnownFiles {
  readonly #readings = new Map<string, Reading | undefined>();
  readonly #found: (path: string) => void;
  /** How far files had been read that were cut down while nobody saw a copy: one that is being renamed is missed by a look. */
  #cutDown: Reading[] = [];
  readonly #sighted = new Set<string>();
  #scans = 0;

  /** `found` is called for a copy that turned up later than it was looked for. */
  constructor(found: (path: string) => void) {
    this.#found = found;
  }

  /** Nothing in these is to be read. */
  ignore(keys: readonly string[]): void {
    for (const key of keys) this.#readings.set(key, undefined);
  }

  /** A file was left there; what is added to it later may be read. */
  leave(key: string, reading: Reading): void {
    this.#readings.set(key, reading);
  }

  /** A file was cut down after so much had been read, and no copy of it is there: if one turns up, it is read on there. */
  await(reading: Reading): void {
    if (reading.place.offset > 0) this.#cutDown = [...this.#cutDown, reading].slice(-CUT_DOWN);
  }

  /** Where to go on in a file that was left. */
  reading(key: string): Reading | undefined {
    return this.#readings.get(key);
  }

  /** How many bytes of the file have been read. */
  offset(key: string): number {
    return this.#readings.get(key)?.place.offset ?? 0;
  }

  /** Opens the rotated files beside a log that may hold something to be read, but those of whose key `skip` is true. */
  open(path: string, skip: (key: string) => boolean): Opened[] {
    const files = openRotated(path, (key) => {
      this.#sighted.add(key);
      return skip(key) || (this.#readings.has(key) && this.#readings.get(key) === undefined);
    });
    this.#scans = (this.#scans + 1) % SCANS;
    if (this.#scans === 0) this.#forget(skip);
    if (this.#cutDown.length === 0) return files;
    const short = files.filter((file) => !this.#isWhole(file));
    closeAll(short);
    return files.filter((file) => !short.includes(file));
  }

  /** False for the copy of a file that was cut down when it holds less than was read of that; one that holds more is recognized. */
  #isWhole(file: Opened): boolean {
    if (this.#readings.has(file.key)) return true;
    const own = this.#cutDown.find(({ place }) => place.beginsLike(file.fd, file.size));
    if (!own) return true;
    if (file.size < own.place.offset) return false;
    if (!own.place.isIn(file.fd)) return true;
    this.#cutDown = this.#cutDown.filter((reading) => reading !== own);
    this.leave(file.key, own);
    this.#found(file.path);
    return true;
  }

  #forget(skip: (key: string) => boolean): void {
    for (const key of this.#readings.keys()) if (!this.#sighted.has(key) && !skip(key)) this.#readings.delete(key);
    this.#sighted.clear();
  }
}
