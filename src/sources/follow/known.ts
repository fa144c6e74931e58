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
  /** What had been read of files that were cut down, and of which no copy has been seen yet. */
  #cutDown: Reading[] = [];
  readonly #sighted = new Set<string>();
  #scans = 0;

  /** Nothing in these is to be read. */
  ignore(keys: readonly string[]): void {
    for (const key of keys) this.#readings.set(key, undefined);
  }

  /** A file was left there; what is added to it later may be read. */
  leave(key: string, reading: Reading): void {
    this.#readings.set(key, reading);
  }

  /** A file was cut down after so much had been read: its copy is read on there, whenever it is seen (a look misses one that is being renamed). */
  cutDown(reading: Reading): void {
    this.#cutDown = [...this.#cutDown, reading].slice(-CUT_DOWN);
  }

  /** Whether a file was cut down and no copy of it has been seen. */
  awaits(reading: Reading): boolean {
    return this.#cutDown.includes(reading);
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
    const unread = files.filter((file) => this.#recognize(file));
    closeAll(files.filter((file) => !unread.includes(file)));
    return unread;
  }

  /** Knows the copy of a file that was cut down. False when it holds less than was read of that, and so nothing new. */
  #recognize(file: Opened): boolean {
    if (this.#readings.has(file.key)) return true;
    const alike = this.#cutDown.filter(({ place }) => place.beginsLike(file.fd, file.size));
    const whole = alike.find(({ place }) => file.size >= place.offset && place.isIn(file.fd));
    const own = whole ?? alike.find(({ place }) => file.size < place.offset);
    if (!own) return true;
    this.#cutDown = this.#cutDown.filter((reading) => reading !== own);
    this.#readings.set(file.key, whole);
    return whole !== undefined;
  }

  #forget(skip: (key: string) => boolean): void {
    for (const key of this.#readings.keys()) if (!this.#sighted.has(key) && !skip(key)) this.#readings.delete(key);
    this.#sighted.clear();
  }
}
