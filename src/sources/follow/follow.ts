// The entry point of this folder: follows one log through its rotations. It watches the directory of the log, and polls in case an event was
// missed. See docs/decisions/0003-following-files.md.
import { basename, dirname } from 'node:path';
import { messageOf } from '../../errors.ts';
import { printable } from '../../lib/text/printable.ts';
import type { Clock } from '../../words/ports.ts';
import { Chain } from './chain.ts';
import type { LeftAt } from './known.ts';
import type { TakeLost } from './losses.ts';
import { identityOf, keyOf, type Cursor } from './place.ts';
import { ReadLoop, type Deliver } from './readloop.ts';
import { beginningOf, type From } from './resume/resume.ts';
import { resolveLink, statOf } from './rotation.ts';
import { newWatch, type DirectoryEvents, type DirectoryWatch } from './watch.ts';

export { isCursor, parseCursor, parseJson, type Cursor } from './place.ts';
export type { From } from './resume/resume.ts';
export type { Lost } from './losses.ts';
export { identityOf, keyOf, type Identity } from './place.ts';
export { isRotated, logsOf, resolveLink, statOf } from './rotation.ts';
export { newWatch, type DirectoryEvents, type DirectoryWatch } from './watch.ts';

/** No lines. */
export const NOTHING = Buffer.alloc(0);

/** The callbacks and settings of a follower. */
export interface FollowPorts {
  /** Takes lines. The next lines are read when the returned promise resolves. */
  readonly deliver: Deliver;
  /** Takes a text of one line for the operator. At most one notice a minute of each `kind` of event is logged. */
  readonly notice: (kind: string, text: string) => void;
  /** Takes the whole lines right before the place at which reading begins. */
  readonly resumed?: (before: Buffer) => void;
  /** Called with an error that is a bug, because it does not come from reading files. Nothing is read afterwards. */
  readonly fail: (thrown: unknown) => void;
  /** Takes the extent of each loss. */
  readonly lost: TakeLost;
  /** Finds the cursor of another log of the pattern, see LeftAt. Absent: there are no other logs. */
  readonly leftAt?: LeftAt;
  readonly clock: Clock;
  /** Poll interval in milliseconds. Polling finds changes for which inotify(7) reported no event. */
  readonly poll: number;
  /** Makes the watch of the directory. Absent: a watch by inotify(7). */
  readonly watch?: (events: DirectoryEvents) => DirectoryWatch;
  /**
   * Runs a read after a rename, at a later time. Such a read may list the folder, and a rotation renames many logs at once. Absent: the read
   * begins at once.
   */
  readonly soon?: (read: () => void) => void;
}

/** One followed log. */
export class Follower {
  /** The path as it was configured. It may be a symbolic link, and the link may change. */
  readonly #given: string;
  /** The path after symbolic links are resolved. */
  #path: string;
  readonly #ports: FollowPorts;
  readonly #chain: Chain;
  readonly #loop: ReadLoop;
  readonly #watch: DirectoryWatch;
  #timer: NodeJS.Timeout | undefined;
  /** The key of the directory for which a watch was last started, even if the start failed. */
  #watched: string | undefined;
  /** The modification time of the directory at the last poll. */
  #modified: bigint | undefined;
  #closed = false;

  constructor(path: string, ports: FollowPorts) {
    const { deliver, notice, lost, leftAt, fail, clock, watch = newWatch } = ports;
    const shown = printable(path);
    this.#given = path;
    this.#path = resolveLink(path);
    this.#ports = ports;
    this.#chain = new Chain(this.#path, {
      report: (text, kind) => notice(kind, text),
      lost,
      leftAt,
      cut: () => this.#reportCut(),
      clock,
    });
    this.#loop = new ReadLoop(this.#chain, {
      deliver,
      unreadable: (thrown) => notice('read', `${shown}: cannot be read: ${messageOf(thrown)}; tried again`),
      fail,
    });
    this.#watch = watch({ changed: (renamed, name) => this.#changed(renamed, name), failed: () => this.#unwatch() });
  }

  /** True while no file is at the path, and every line of the last file has been read. */
  get gone(): boolean {
    return !this.#chain.there;
  }

  /** Why the file at the path cannot be opened, with its path. Undefined: it is open, or there is none. */
  get fault(): string | undefined {
    return this.#chain.fault;
  }

  /**
   * The cursor at the end of the log, if there is nothing to read, deliver or wait for. A new follower can continue at this cursor. Undefined
   * in any other case.
   */
  get resting(): Cursor | undefined {
    return this.#timer !== undefined && this.#loop.idle ? this.#chain.resting : undefined;
  }

  /**
   * Begins to follow from a cursor, from the start, or from the end of the present file. From the end, a cursor without lines is delivered
   * first, even when there is no file yet. A missing file or directory is followed when it appears. Rejects when the file exists and cannot
   * be read.
   */
  async begin(from: From): Promise<void> {
    const { deliver, clock, notice, poll } = this.#ports;
    const {
      file,
      place,
      ignored,
      cursor: end,
      unread,
      lost,
    } = await beginningOf(this.#path, from, {
      clock,
      cut: () => this.#reportCut(),
      damaged: (text) => notice('resume', text),
    });
    if (lost) notice('resume', `${printable(this.#given)}: ${lost}`);
    this.#chain.ignore(ignored);
    if (file) this.#chain.begin(file, place, typeof from === 'string' ? undefined : from.ended);
    this.#ports.resumed?.(place.linesBefore);
    if (end) await deliver(NOTHING, end);
    for await (const { bytes, cursor } of unread) {
      if (this.#closed) break;
      await deliver(bytes, cursor);
    }
    if (this.#closed) return this.#chain.close();
    this.#timer = setInterval(() => this.#poll(), poll);
    this.#startWatch();
    this.#loop.read();
  }

  /** Ends following; nothing is delivered afterwards. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#unwatch();
    this.#loop.stop();
  }

  /**
   * Handles an event of the directory. While the log stays at its path and nothing is being delivered, the path need not be checked after a
   * write.
   */
  #changed(renamed: boolean, name: string | null): void {
    const { atLog } = this.#chain;
    const own = name === basename(this.#path);
    if (!renamed && atLog && name !== null && !own) return;
    if (renamed && own) this.#chain.losses.moved();
    // While lines are being delivered, the log can be renamed and truncated before the next read. Only a check at each event detects this.
    if (renamed || !atLog || this.#loop.delivering) this.#chain.look(renamed);
    const { soon } = this.#ports;
    if (renamed && soon) soon(() => this.#loop.readSoon());
    else this.#loop.readSoon();
  }

  #poll(): void {
    this.#chain.losses.polled(this.#path, this.#loop.idle && this.#chain.settled);
    const path = resolveLink(this.#given);
    if (path !== this.#path) {
      this.#path = path;
      this.#chain.rename(path);
    }
    const directory = statOf(dirname(path));
    if (this.#watched !== (directory && keyOf(identityOf(directory)))) {
      this.#unwatch();
      if (directory) this.#startWatch();
    }
    this.#chain.look(this.#modified !== directory?.mtimeNs);
    this.#modified = directory?.mtimeNs;
    this.#loop.read();
    this.#chain.makeRoom();
  }

  #startWatch(): void {
    const directory = statOf(dirname(this.#path));
    this.#watched = directory && keyOf(identityOf(directory));
    try {
      this.#watch.start(this.#path);
    } catch (thrown) {
      if (!directory) return; // A poll finds the directory when it exists.
      const shown = printable(dirname(this.#path));
      this.#ports.notice('watch', `${shown}: cannot be watched: ${messageOf(thrown)}; its files are polled every second`);
    }
  }

  #unwatch(): void {
    this.#watch.stop();
    this.#watched = undefined;
  }

  #reportCut(): void {
    this.#ports.notice('cut', `${printable(this.#given)}: a line of more than 64 KiB was cut`);
  }
}
