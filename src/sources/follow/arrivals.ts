// Opens the files that appear at the path of a log, and keeps them open in a queue until they are read.
import { closeSync, statSync } from 'node:fs';
import { messageOf } from '../../errors.ts';
import { printable } from '../../lib/text/printable.ts';
import { unreadable } from '../open.ts';
import type { Report } from './losses.ts';
import { identityOf, keyOf } from './place.ts';
import { closeAll, openFile, refreshed, type Opened } from './rotation.ts';

/**
 * The largest number of files in the queue. The files are kept open, because the contents of an open file survive its deletion. Beyond this
 * number the oldest file is closed.
 */
export const MOST_WAITING = 32;

/** The callbacks of the queue. */
interface ArrivalPorts {
  /** Called when a file with this key has come to the path. */
  readonly came: (key: string) => void;
  /** Called when a file is about to be closed unread. */
  readonly dropped: (file: Opened) => void;
}

/** The queue of the files that have appeared at a path and have not been read. */
export class Arrivals {
  /** The path of the log. It changes when a symbolic link changes. */
  path: string;
  /** Why the file at the path could not be opened at the last `tryLook`. */
  fault: string | undefined;
  #key: string | undefined;
  #waiting: Opened[] = [];
  readonly #ports: ArrivalPorts;

  constructor(path: string, ports: ArrivalPorts) {
    this.path = path;
    this.#ports = ports;
  }

  /** The key of the file that the last `look` found at the path; undefined when there was no file. */
  get key(): string | undefined {
    return this.#key;
  }

  /** True while a file is in the queue. */
  get waits(): boolean {
    return this.#waiting.length > 0;
  }

  /** The open files, in the order in which they appeared, with their sizes and times as of the last refresh. */
  get waiting(): readonly Opened[] {
    return this.#waiting;
  }

  /**
   * Finds out which file is at the path, and opens it unless it is in the queue or is being read. `current` is the key of the file being
   * read. Throws a system error when the file cannot be opened; the file then counts as missing.
   */
  look(current: string | undefined): void {
    this.#key = undefined;
    const isOpen = (key: string): boolean => key === current || this.has(key);
    const stats = statSync(this.path, { bigint: true, throwIfNoEntry: false });
    const key = stats && keyOf(identityOf(stats));
    const file = key === undefined || isOpen(key) ? undefined : openFile(this.path);
    this.#key = file?.key ?? (key !== undefined && isOpen(key) ? key : undefined);
    if (!file) return;
    this.#ports.came(file.key);
    // Between stat(2) and open(2), a rotation can have renamed an open file to this path.
    if (isOpen(file.key)) closeSync(file.fd);
    else this.add(file);
  }

  /** Calls `look`. Reports a file that cannot be opened, and keeps the reason as `fault`. */
  tryLook(current: string | undefined, report: Report): void {
    try {
      this.look(current);
      this.fault = undefined;
    } catch (thrown) {
      this.fault = unreadable(this.path, thrown).message;
      report(`${printable(this.path)}: cannot be opened: ${messageOf(thrown)}; tried again every second`, 'rotation');
    }
  }

  /** Adds an open file to the end of the queue. */
  add(file: Opened): void {
    this.#waiting.push(file);
    if (this.#waiting.length <= MOST_WAITING) return;
    const dropped = this.#waiting.splice(0, 1);
    for (const oldest of dropped) this.#ports.dropped(oldest);
    closeAll(dropped);
  }

  /** True while the file with this key is in the queue. */
  has(key: string): boolean {
    return this.#waiting.some((file) => file.key === key);
  }

  /** Updates the sizes and times of the files in the queue. */
  refresh(): void {
    this.#waiting = this.#waiting.map(refreshed);
  }

  /** Removes a file from the queue without closing it, because it will be read now. */
  release(key: string): void {
    this.#waiting = this.#waiting.filter((file) => file.key !== key);
  }

  /** Closes all files. */
  close(): void {
    closeAll(this.#waiting);
    this.#waiting = [];
  }
}
