// A log and its rotated files as one chain. The chain knows which file is being read, up to which offset, and which file comes next. It
// opens files, but reads no lines.
import { fstatSync } from 'node:fs';
import type { Clock, Millis } from '../../words/ports.ts';
import { Arrivals } from './arrivals.ts';
import { KnownFiles } from './known.ts';
import { Losses, type ChainPorts, type Report } from './losses.ts';
import { Progress, type Position, type Step } from './progress.ts';
import type { Cursor, Place } from './place.ts';
import { byTime, closeAll, endedAt, isDiskFull, isDue, refreshed, type Opened } from './rotation.ts';

/**
 * Keeps the order of reading. A file is left only when it has been read to its end and a later file is not empty. A writer that was asked to
 * reopen its log can still write to the old file for a while. The first bytes in the new file show that the writer has reopened the log.
 */
export class Chain {
  readonly #report: Report;
  readonly #cut: () => void;
  readonly #clock: Clock;
  /** Files that appeared at the path and have not been read. */
  readonly #arrivals: Arrivals;
  /** The file being read. */
  #current: Opened | undefined;
  #progress: Progress;
  readonly #known: KnownFiles;
  /** Counts and reports the lost lines of this log. */
  readonly losses: Losses;
  /** True when the directory has changed since the last scan, or when the last scan found files that must be examined again. */
  #directoryChanged = true;
  /** True when the last scan found no rotated file that is due, and the directory has not changed since. */
  #nothingDue = false;
  /** True when the log has been truncated before: its rotated files are copies of it. */
  #rotatesByCopying = false;
  /** The largest observed size of the current file. */
  #largest = 0;

  /** `report` gets texts for the operator, and `lost` the extent of each loss. `cut` is called for each line that is too long to be kept whole. */
  constructor(path: string, ports: ChainPorts) {
    this.losses = new Losses(ports.report, ports.lost);
    this.#known = new KnownFiles((key) => this.losses.saw(key), ports.leftAt);
    this.#arrivals = new Arrivals(path, {
      came: (key) => this.losses.saw(key),
      dropped: (file) => this.losses.dropped(file, this.#known.offset(file.key)),
    });
    this.#report = ports.report;
    this.#cut = ports.cut;
    this.#clock = ports.clock;
    this.#progress = new Progress(this.#cut);
  }

  /** True while the file at the path is being read. */
  get atLog(): boolean {
    return this.#current !== undefined && this.#current.key === this.#arrivals.key;
  }

  /** Why the file at the path could not be opened at the last look. */
  get fault(): string | undefined {
    return this.#arrivals.fault;
  }

  /** True while a file is at the path, or a later file is in the queue. */
  get there(): boolean {
    return this.#arrivals.key !== undefined || this.#arrivals.waiting.length > 0;
  }

  /** True when the log has been read to its end and no file is in the queue. */
  get settled(): boolean {
    return this.#current !== undefined && this.atLog && !this.#arrivals.waits && this.#progress.isAtEnd(this.#current.fd);
  }

  /**
   * The cursor at the end of the last line, if all lines have been read and no other file may hold unread lines. The file of the cursor may be
   * the old file of a log that was rotated, and whose new file is empty. Undefined in any other case.
   */
  get resting(): Cursor | undefined {
    if (!this.#current || this.#progress.unfinished || this.#known.awaitsAny) return undefined;
    if (!this.settled && !this.#restsBeforeLog(this.#current)) return undefined;
    return this.#progress.place.cursor(this.#current.identity, Buffer.alloc(0), 0, this.#clock());
  }

  /** Follows the file at another path from now on, because a symbolic link has changed. */
  rename(path: string): void {
    this.#arrivals.path = path;
    this.#directoryChanged = true;
  }

  /** Begins at a place in an open file. `ended`: an instant at which the file ended at the place, if one is known. */
  begin(file: Opened, place: Place, ended?: Millis): void {
    this.#enter(file, new Progress(this.#cut, { place, ended: endedAt(file, place.offset, this.#clock(), ended) }));
  }

  /** Excludes the rotated files with these keys from reading. */
  ignore(keys: readonly string[]): void {
    this.#known.ignore(keys);
    this.losses.ignore(keys);
  }

  /** Finds out which file is at the path now, and how large the current file is. It is cheap enough for every event of the directory. */
  look(directoryChanged: boolean): void {
    this.#directoryChanged ||= directoryChanged;
    if (directoryChanged) this.#nothingDue = false;
    if (this.#current) this.#largest = Math.max(this.#largest, fstatSync(this.#current.fd).size);
    this.#arrivals.tryLook(this.#current?.key, this.#report);
  }

  /** If the disk is full, closes a deleted file that has been read to its end. Its space is free only when no program has it open any more. */
  makeRoom(): void {
    const file = this.#current;
    const isGone = file && !this.atLog && fstatSync(file.fd).nlink === 0 && this.#progress.isAtEnd(file.fd);
    if (isGone && isDiskFull(file.path)) this.#leave(file);
  }

  /** Returns the position of the next read. When no file is being read, opens the next file. Undefined: there is nothing to read. */
  position(): Position | undefined {
    if (!this.#current && !this.#end().more) return undefined;
    return this.#current && { fd: this.#current.fd, offset: this.#progress.place.readFrom };
  }

  /** Takes the bytes that were read at `position()`. `full`: more bytes may follow. An empty chunk comes from an empty file. */
  take(chunk: Buffer, full: boolean): Step {
    if (!this.#current) return { more: false };
    const newBytes = this.#progress.newBytesIn(chunk, this.#clock());
    if (newBytes === undefined) return this.#truncated(this.#current);
    if (newBytes.length === 0) return this.#end();
    if (this.#isRewritten(this.#current)) return { more: true };
    const lines = this.#progress.take(newBytes, this.#current.identity, this.#clock(), full);
    // A short read has reached the end of the file. Another read is needed only if the log has been renamed.
    return { lines, more: full || !this.atLog };
  }

  /** Closes the current file after a failed read. When the file can be opened again, reading continues where it stopped. */
  drop(): void {
    if (this.#current) this.#leave(this.#current);
  }

  /** Closes all files. */
  close(): void {
    this.#arrivals.close();
    if (this.#current) closeAll([this.#current]);
    this.#current = undefined;
  }

  /** Goes on to the next file that is not empty, if there is one. Called at the end of the current file, or when there is no current file. */
  #end(): Step {
    this.look(false);
    const next = this.#next();
    if (!next) return { more: false };
    if (this.#current && !this.#progress.isAtEnd(this.#current.fd)) {
      // The current file was written to or truncated after its end was read, so it is read first.
      if (!this.#arrivals.has(next.key)) closeAll([next]);
      this.#directoryChanged = true;
      return { more: true };
    }
    const progress = this.#known.progressIn(next, this.#cut, this.#current && { fd: this.#current.fd, progress: this.#progress });
    const isLeft = !this.atLog && progress !== this.#progress;
    const lines = this.#current && isLeft ? this.#progress.takeRest(this.#current.identity, this.#clock()) : undefined;
    if (this.#current) this.#leave(this.#current);
    this.#enter(next, progress);
    return { more: true, lines };
  }

  /**
   * Handles the truncation of the current file. If the file was rewritten without its oldest lines, reading continues after the lines that
   * were read before. Otherwise reading continues in the copy of the file, then at the start of the file.
   */
  #truncated(file: Opened): Step {
    const progress = this.#progress;
    if (progress.shift(file.fd)) {
      this.#largest = 0;
      return { more: true };
    }
    this.#known.awaitCopy(progress, file.key);
    const copies = this.#known.openUnread(this.#arrivals.path, (key) => this.#isOpen(key)) ?? [];
    const whole = copies.find((copy) => this.#known.progress(copy.key) === progress);
    closeAll(copies.filter((copy) => copy !== whole));
    const start = whole ? { copy: progress } : { beginsInLine: progress.unfinished };
    this.#known.leave(file.key, new Progress(this.#cut, { truncated: true, ...start }));
    this.#arrivals.add(file);
    this.#rotatesByCopying = true;
    this.#directoryChanged = true;
    this.#current = undefined;
    if (whole) {
      this.#enter(whole, progress);
      return { more: true };
    }
    if (this.#known.awaits(progress)) this.losses.truncated(file, progress, this.#largest);
    const lines = progress.takeRest(file.identity, this.#clock());
    return { more: this.#end().more, lines };
  }

  /** True when a truncated file was rewritten and holds its old lines again. Then reading continues after these lines. */
  #isRewritten(file: Opened): boolean {
    const before = this.#known.regained(file);
    if (!before) return false;
    this.losses.found(file.path, before, 'was rewritten');
    this.#progress = before;
    return true;
  }

  #isOpen(key: string): boolean {
    return this.#current?.key === key || this.#arrivals.has(key);
  }

  /** True when a rotated file is the current one and has been read to its end, and every later file is empty. */
  #restsBeforeLog(file: Opened): boolean {
    if (this.atLog || this.#arrivals.key === undefined || !this.#nothingDue || !this.#progress.isAtEnd(file.fd)) return false;
    return this.#arrivals.waiting.every(({ fd }) => fstatSync(fd).size === 0);
  }

  #enter(file: Opened, progress: Progress): void {
    this.#arrivals.release(file.key);
    this.#current = file;
    this.#progress = progress;
    this.#largest = file.size;
    this.losses.found(file.path, progress, 'is the copy of the truncated file');
  }

  #leave(file: Opened): void {
    this.#known.leave(file.key, this.#progress);
    closeAll([file]);
    this.#current = undefined;
  }

  /** Returns the next file to read, opened: the oldest file with unread bytes, and the log last. Undefined: there is no such file. */
  #next(): Opened | undefined {
    const { atLog } = this;
    if (atLog && !this.#mayHaveMissedCopies()) return undefined;
    this.#arrivals.refresh();
    const { key: logKey, waiting, path } = this.#arrivals;
    const log = atLog && this.#current ? refreshed(this.#current) : waiting.find((file) => file.key === logKey);
    const isKnown = (key: string): boolean => key === logKey || this.#isOpen(key);
    const rotated = this.#directoryChanged ? this.#known.openUnread(path, isKnown) : [];
    if (!rotated) return undefined; // A rotated file cannot be opened now, and must be read before any later file.
    const unread = [...waiting.filter((file) => file !== log), ...rotated].filter((file) => !this.#known.isRead(file));
    const due = unread.filter((file) => file.size > 0 && isDue(file, log, atLog)).toSorted(byTime);
    // Empty files, copies of the present log, and files after the next file are examined again later.
    this.#directoryChanged = unread.length > Math.min(due.length, 1);
    this.#nothingDue = due.length === 0;
    const next = due[0] ?? (log && !atLog && log.size !== this.#known.offset(log.key) ? log : undefined);
    closeAll(rotated.filter((file) => file !== next));
    return next;
  }

  /**
   * While the log stays at the path, only copies of it can have been missed. It can have copies if it was truncated, also before its first read.
   */
  #mayHaveMissedCopies(): boolean {
    return this.#directoryChanged && (this.#rotatesByCopying || this.#progress.place.offset === 0);
  }
}
