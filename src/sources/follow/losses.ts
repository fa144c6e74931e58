// Counts and reports lost lines: unread bytes of files that were truncated or deleted, and files that came and went before they were opened.
import { fstatSync } from 'node:fs';
import { printable } from '../../lib/text/printable.ts';
import type { Clock } from '../../words/ports.ts';
import type { LeftAt } from './known.ts';
import type { Progress } from './progress.ts';
import type { Opened } from './rotation.ts';

/** The extent of a loss. */
export interface Lost {
  /** Bytes that were seen in a file and not read. */
  readonly bytes: number;
  /** Files that came to the path and left the disk before they were opened. Their size is unknown. */
  readonly files: number;
}

/** Reports an event to the operator: a text of one line, and the kind of event. */
export type Report = (text: string, kind: 'rotation' | 'copy') => void;

/** Takes a loss. Its numbers are negative when bytes that were reported as lost have been found. */
export type TakeLost = (lost: Lost) => void;

/** The callbacks and the clock of a `Chain`. */
export interface ChainPorts {
  readonly report: Report;
  readonly lost: TakeLost;
  readonly cut: () => void;
  readonly clock: Clock;
  readonly leftAt?: LeftAt | undefined;
}

/** A rotation makes two events with the name of the log: the old file leaves the path, and the new one comes to it. */
const EVENTS_PER_FILE = 2;

/** The maximum number of files that are remembered as seen. Before one more is added, all files are forgotten. */
const MOST_SEEN = 4096;

/** The losses of one log. */
export class Losses {
  readonly #report: Report;
  readonly #lost: TakeLost;
  /** The truncated files of which no copy was found, each with the number of bytes that were reported as lost. */
  readonly #truncated = new WeakMap<Progress, number>();
  readonly #seen = new Set<string>();
  /** The number of events with the name of the log, minus two for each file that was seen. A positive number shows that files were not seen. */
  #balance = 0;
  /** True when a new file has been seen since the last poll interval without events. */
  #fresh = false;
  /** True when an event has come or a new file has been seen since the last poll. */
  #active = false;

  constructor(report: Report, lost: TakeLost) {
    this.#report = report;
    this.#lost = lost;
  }

  /** Counts an event: a file has come to the path of the log, or left it. */
  moved(): void {
    this.#balance += 1;
    this.#active = true;
  }

  /** Notes that a file was seen at the path, or under the name of a rotated file. */
  saw(key: string): void {
    if (this.#seen.has(key)) return;
    if (this.#seen.size >= MOST_SEEN) this.#seen.clear();
    this.#seen.add(key);
    this.#balance -= EVENTS_PER_FILE;
    this.#fresh = true;
    this.#active = true;
  }

  /** Notes the files that existed before, so that they do not count as new. */
  ignore(keys: readonly string[]): void {
    for (const key of keys) this.#seen.add(key);
  }

  /**
   * Called at each poll. `settled` is true when the log has been read to its end and no other file waits. If so, reports the files that
   * events announced and that were not seen. After a poll interval without events, all events of the seen files have arrived, so counting
   * begins again.
   */
  polled(path: string, settled: boolean): void {
    const files = Math.floor(this.#balance / EVENTS_PER_FILE);
    // If no new file was seen, the log was only moved away and back.
    if (settled && files > 0) {
      if (this.#fresh) this.#reportUnseen(path, files);
      this.#balance -= files * EVENTS_PER_FILE;
    }
    if (!this.#active) {
      this.#balance = 0;
      this.#fresh = false;
    }
    this.#active = false;
  }

  /** Called when a waiting file is about to be closed unread, because too many files wait. `offset`: how far it was read. */
  dropped(file: Opened, offset: number): void {
    const { nlink, size } = fstatSync(file.fd);
    if (nlink > 0) {
      // The file still has a name, so a scan of the directory will find it again.
      if (this.#seen.delete(file.key)) this.#balance += EVENTS_PER_FILE;
      return;
    }
    const bytes = Math.max(0, size - offset);
    if (bytes === 0) return;
    this.#report(`${printable(file.path)}: was deleted before it was read: ${bytes} bytes are lost`, 'rotation');
    this.#lost({ bytes, files: 0 });
  }

  /**
   * Called when a file was truncated, and no copy of it was found. `progress`: how far the file was read. `largest`: the largest size of the
   * file that was seen.
   */
  truncated(file: Opened, progress: Progress, largest: number): void {
    const { offset } = progress.place;
    const bytes = Math.max(0, largest - offset);
    const lost = bytes > 0 ? `${bytes} unread bytes are lost` : 'lines written just before the truncation may be lost';
    this.#report(`${printable(file.path)}: truncated after ${offset} bytes, and no copy of it was found: ${lost}`, 'rotation');
    this.#truncated.set(progress, bytes);
    if (bytes > 0) this.#lost({ bytes, files: 0 });
  }

  /** Called when reading continues at a progress. If a loss was reported for this progress, reports that no line is lost. `what` is the reason. */
  found(path: string, progress: Progress, what: string): void {
    const bytes = this.#truncated.get(progress);
    if (bytes === undefined) return;
    this.#truncated.delete(progress);
    this.#report(`${printable(path)}: ${what}: none of its lines is lost`, 'copy');
    if (bytes > 0) this.#lost({ bytes: -bytes, files: 0 });
  }

  #reportUnseen(path: string, files: number): void {
    const came = files === 1 ? 'a file came and went before it' : `${files} files came and went before they`;
    this.#report(`${printable(path)}: ${came} could be opened, the lines in ${files === 1 ? 'it' : 'them'} are lost`, 'rotation');
    this.#lost({ bytes: 0, files });
  }
}
