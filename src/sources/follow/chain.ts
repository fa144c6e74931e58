// A log and its rotations as one chain of files: which file is read now, how far, and which one comes after it. Reads no lines itself.
import { closeSync, fstatSync, statSync } from 'node:fs';
import { messageOf } from '../../errors.ts';
import { printable } from '../../lib/printable.ts';
import type { Clock } from '../../types.ts';
import { LineSplitter } from '../lines.ts';
import { KnownFiles, type Reading } from './known.ts';
import { headOf, identityOf, keyOf, Place, type Cursor } from './place.ts';
import { byTime, closeAll, isCopyOf, openFile, refreshed, type Opened } from './rotation.ts';

/** What came of the end of a file: whether there is more to read, and the last line of a file that is left, if it had no newline. */
export interface Step {
  readonly more: boolean;
  readonly leftover?: { readonly bytes: Buffer; readonly cursor: Cursor };
}

/** Takes what the operator should know, on one line, and what kind of thing it is. */
type Report = (text: string, kind: 'rotation' | 'copy') => void;

/** Files that appeared at the path and wait for their turn; they are open, so that nothing can take them away. */
const WAITING_LIMIT = 32;

/**
 * The order of reading: a file is left only when it has been read to its end and a later one has something in it. A writer that was told
 * to reopen goes on in the old file until it does so; the first bytes in a new file say that it has.
 */
export class Chain {
  readonly #report: Report;
  readonly #cut: () => void;
  readonly #clock: Clock;
  #path: string;
  #current: Opened | undefined;
  #reading: Reading;
  readonly #known = new KnownFiles();
  /** What is told to be lost, for want of a copy. */
  readonly #missed = new WeakSet<Reading>();
  #waiting: Opened[] = [];
  #pathKey: string | undefined;
  /** Names have changed since the directory was last looked through. */
  #stirred = true;
  /** This log is rotated by copying and cutting down. */
  #copied = false;
  /** The largest size of the current file that was seen. */
  #largest = 0;

  /** `report` gets what the operator should know; `cut` is called for each line that is too long to be kept whole. */
  constructor(path: string, ports: { readonly report: Report; readonly cut: () => void; readonly clock: Clock }) {
    this.#path = path;
    this.#report = ports.report;
    this.#cut = ports.cut;
    this.#clock = ports.clock;
    this.#reading = this.#fresh(false);
  }

  get current(): Opened | undefined {
    return this.#current;
  }

  get reading(): Reading {
    return this.#reading;
  }

  /** Whether the file being read is the one at the path. */
  get atLog(): boolean {
    return this.#current !== undefined && this.#current.key === this.#pathKey;
  }

  /** Whether there is a file to be read. */
  get there(): boolean {
    return this.#pathKey !== undefined || this.#waiting.length > 0;
  }

  /** Follows what is at another path from now on, as when a symbolic link points elsewhere. */
  rename(path: string): void {
    this.#path = path;
    this.#stirred = true;
  }

  /** Begins in an open file. */
  begin(file: Opened, place: Place): void {
    this.#enter(file, { ...this.#fresh(false), place });
  }

  /** Files with these keys have been read already. */
  know(keys: readonly string[]): void {
    this.#known.ignore(keys);
  }

  /** Takes note of what is at the path now, and of how long the current file is. Cheap; to be called for every sign of change. */
  look(stirred: boolean): void {
    this.#stirred ||= stirred;
    if (this.#current) this.#largest = Math.max(this.#largest, fstatSync(this.#current.fd).size);
    try {
      const stats = statSync(this.#path, { bigint: true, throwIfNoEntry: false });
      this.#pathKey = stats && keyOf(identityOf(stats));
      if (this.#pathKey === undefined || this.#isOpen(this.#pathKey)) return;
      const file = openFile(this.#path);
      this.#pathKey = file?.key;
      if (!file) return;
      if (this.#isOpen(file.key)) closeSync(file.fd);
      else this.#waiting.push(file);
      if (this.#waiting.length > WAITING_LIMIT) closeAll(this.#waiting.splice(0, 1));
    } catch (thrown) {
      this.#pathKey = undefined;
      this.#report(`${printable(this.#path)}: cannot be opened: ${messageOf(thrown)}; tried again every second`, 'rotation');
    }
  }

  /** At the end of the current file, or without one: goes on to the file after it, when there is one with something in it. */
  ended(): Step {
    this.look(false);
    const next = this.#next();
    if (!next) return { more: false };
    if (this.#current && !this.#isFinished(this.#current)) {
      // Written to, or cut down, since its end was seen: that comes first.
      if (!this.#waiting.includes(next)) closeAll([next]);
      this.#stirred = true;
      return { more: true };
    }
    const leftover = this.atLog ? undefined : this.#leftover();
    this.#leave();
    this.#enter(next, this.#known.reading(next.key) ?? this.#fresh(false));
    return leftover ? { more: true, leftover } : { more: true };
  }

  /** The current file is shorter than what was read of it, or holds something else there: goes on in the copy that was made of it. */
  truncated(): Step {
    const file = this.#current;
    if (!file) return { more: false };
    const reading = this.#reading;
    this.#known.cutDown(reading);
    const copies = this.#known.open(this.#path, (key) => this.#isOpen(key));
    const whole = copies.find((copy) => this.#known.reading(copy.key) === reading);
    closeAll(copies.filter((copy) => copy !== whole));
    this.#known.leave(file.key, this.#fresh(true));
    this.#waiting.push(file);
    this.#copied = true;
    this.#stirred = true;
    this.#current = undefined;
    if (whole) {
      this.#enter(whole, reading);
      return { more: true };
    }
    if (this.#known.awaits(reading)) {
      this.#missed.add(reading);
      this.#report(lossOf(file, reading.place.offset, this.#largest), 'rotation');
    }
    const leftover = this.#leftover(file);
    return { more: this.ended().more, ...(leftover && { leftover }) };
  }

  /** Closes all files. */
  close(): void {
    closeAll(this.#waiting);
    if (this.#current) closeAll([this.#current]);
    this.#waiting = [];
    this.#current = undefined;
  }

  /** Gives up the current file after a failed read; it is opened again, and read on, when it can be. */
  drop(): void {
    if (this.#current) this.#leave();
  }

  #fresh(hole: boolean): Reading {
    return { place: new Place(), lines: new LineSplitter(this.#cut), hole };
  }

  #isOpen(key: string): boolean {
    return this.#current?.key === key || this.#waiting.some((file) => file.key === key);
  }

  #isFinished(file: Opened): boolean {
    const { place } = this.#reading;
    return fstatSync(file.fd).size === place.offset && place.isIn(file.fd);
  }

  #enter(file: Opened, reading: Reading): void {
    this.#waiting = this.#waiting.filter((waiting) => waiting.key !== file.key);
    this.#current = file;
    this.#reading = reading;
    this.#largest = file.size;
    if (this.#missed.delete(reading))
      this.#report(`${printable(file.path)}: the copy of what was cut down: nothing of that is lost`, 'copy');
  }

  #leave(): void {
    if (!this.#current) return;
    this.#known.leave(this.#current.key, this.#reading);
    closeAll([this.#current]);
    this.#current = undefined;
  }

  #leftover(file = this.#current): Step['leftover'] {
    const bytes = this.#reading.lines.flush();
    if (!file || !bytes) return undefined;
    return { bytes, cursor: this.#reading.place.cursor(file.identity, Buffer.alloc(0), 0, this.#clock()) };
  }

  /** The oldest file that has not been read, open; the one at the path comes last. Undefined when nothing is to be read after the current one. */
  #next(): Opened | undefined {
    const isLog = (file: Opened | undefined): boolean => file !== undefined && file.key === this.#pathKey;
    const { atLog } = this;
    // While the log stays where it is, only copies of it can have been missed.
    if (atLog && !(this.#stirred && (this.#copied || this.#reading.place.offset === 0))) return undefined;
    this.#waiting = this.#waiting.map(refreshed);
    const log = atLog && this.#current ? refreshed(this.#current) : this.#waiting.find(isLog);
    const rotated = this.#stirred ? this.#known.open(this.#path, (key) => key === this.#pathKey || this.#isOpen(key)) : [];
    const head = log && headOf(log.fd);
    const earlier = [...this.#waiting.filter((file) => !isLog(file)), ...rotated];
    const unread = earlier.filter((file) => file.size === 0 || file.size > this.#known.offset(file.key));
    const ready = unread
      .filter((file) => file.size > 0 && !(log && head && isCopyOf(file, log, head)) && (!atLog || !log || file.born > log.born))
      .toSorted(byTime);
    // What comes later, is empty, or is a copy of what the log still holds, is looked at again.
    this.#stirred = unread.length > (ready[0] ? 1 : 0);
    const next = ready[0] ?? (!atLog && log && log.size !== this.#known.offset(log.key) ? log : undefined);
    closeAll(rotated.filter((file) => file !== next));
    return next;
  }
}

function lossOf(file: Opened, offset: number, largest: number): string {
  const lost =
    largest > offset ? `${largest - offset} bytes that had not been read are lost` : 'lines written just before may be lost';
  return `${printable(file.path)}: cut down after ${offset} bytes, and there is no copy of it: ${lost}`;
}
