// Decides when to scan for new logs of a pattern: soon after a folder has reported a new name, and at intervals in case an event was missed.
import { join } from 'node:path';
import type { Millis } from '../../words/ports.ts';
import type { DirectoryWatch } from '../follow/follow.ts';
import type { Folders } from './folders.ts';

/** The scans at intervals take at most this share of the time. So the interval grows when a scan takes longer because of thousands of logs. */
const SHARE = 1 / 500;

/** The scans after events take at most this share of the time. So do the scans at intervals while the folder is not watched. */
const EVENT_SHARE = 1 / 20;

/** The longest interval between two scans (milliseconds). */
const LONGEST: Millis = 60_000;

/** The poll interval and the callback of `Rescans`. */
interface RescanPorts {
  /** The poll interval in milliseconds. It is also the shortest interval between two scans at intervals. */
  readonly poll: Millis;
  /** Scans for new logs. Never rejects. */
  readonly scan: () => Promise<void>;
}

/** The scans of one pattern. */
export class Rescans {
  /** The folder in front of the first wildcard. */
  readonly #base: string;
  /**
   * The text with which every matching name ends, such as `.log`. Empty when there is no such text, or when the name of a folder contains a
   * wildcard.
   */
  readonly #ending: string;
  readonly #ports: RescanPorts;
  #folders: Folders | undefined;
  #watch: DirectoryWatch | undefined;
  #watched = false;
  #scanning = false;
  #again = false;
  #ended = Number.NEGATIVE_INFINITY;
  #took = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(pattern: string, ports: RescanPorts) {
    const special = /[*?[\]{}()!+@|]/;
    const parts = pattern.split('/');
    const first = parts.findIndex((part) => special.test(part));
    this.#base = parts.slice(0, first).join('/') || '/';
    const plainFolders = first === parts.length - 1;
    this.#ending = plainFolders ? (/[^*?[\]{}()!+@|\\]*$/.exec(parts[first] ?? '')?.[0] ?? '') : '';
    this.#ports = ports;
  }

  /** Watches the folder in front of the first wildcard. */
  watch(folders: Folders): void {
    this.#folders = folders;
    this.#watch = folders.watchFor({
      changed: () => {},
      failed: () => {
        this.#watched = false;
      },
    });
    this.#startWatch();
  }

  /** Call this when a name has appeared in a watched folder or vanished from it. If the name can match, scans soon. */
  appeared(folder: string, name: string | null): void {
    if (name === null || folder !== this.#base || name.endsWith(this.#ending)) this.#soon();
  }

  /** Scans if the interval is over. Call this once in each poll interval. */
  poll(): void {
    if (!this.#watched) this.#startWatch();
    const share = this.#watched ? SHARE : EVENT_SHARE;
    // A scan begins only at a poll. Half a poll interval is subtracted, so that the scan begins at the nearest poll, not at the next one.
    const interval = Math.min(LONGEST, this.#took / share) - this.#ports.poll / 2;
    if (performance.now() - this.#ended >= interval) this.now();
  }

  /** Scans now. While a scan is under way, scans again after it. */
  now(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#closed) return;
    this.#again = this.#scanning;
    if (!this.#scanning) void this.#scan();
  }

  /** Ends the scans and the watch. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#watch?.stop();
  }

  async #scan(): Promise<void> {
    this.#scanning = true;
    const start = performance.now();
    await this.#ports.scan();
    this.#ended = performance.now();
    this.#took = this.#ended - start;
    this.#scanning = false;
    if (this.#again) this.#soon();
  }

  #soon(): void {
    if (this.#scanning) this.#again = true;
    else this.#timer ??= setTimeout(() => this.now(), Math.max(0, this.#ended + this.#took / EVENT_SHARE - performance.now()));
  }

  #startWatch(): void {
    try {
      // `start` expects the path of a file. Only its folder counts, so any name will do.
      this.#watch?.start(join(this.#base, '*'));
      this.#watched = this.#folders?.isWatched(this.#base) === true;
    } catch {
      this.#watched = false; // The scans at intervals still find new logs.
    }
  }
}
