// The live source of a log file, or of all files that match a pattern: each is followed through its rotations, all come in one stream.
import { basename, dirname } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { Seldom } from '../lib/log.ts';
import { printable } from '../lib/printable.ts';
import type { Batch, Clock, Log, Source, SourceState } from '../types.ts';
import { unreadable } from './chunks.ts';
import { Follower } from './follow/follow.ts';
import { isCursor, parseCursor, type Cursor } from './follow/place.ts';
import type { From } from './follow/resume.ts';
import { isRotated } from './follow/rotation.ts';
import { Handover } from './handover.ts';
import { countLines } from './lines.ts';

/** Options of a source of type `file`. */
export interface FileOptions {
  readonly type: 'file';
  /** A path, or a pattern with `*`, `?`, `[...]`, `{...}` or `**`. Need not be there yet. */
  readonly path: string;
  /** Where to begin in files that are there at the very first start, when no cursor is stored: at their end by default. */
  readonly from?: 'start' | 'end';
}

/** Milliseconds between two looks at files whose directory cannot be watched, and for new files of a pattern. */
const POLL = 1000;

/** Milliseconds in which a notice of one kind is given once. */
const NOTICE_INTERVAL = 60_000;

/** What a follower hands over. */
interface Piece {
  readonly path: string;
  readonly bytes: Buffer;
  readonly cursor: Cursor | undefined;
}

/** No lines, of no file: makes the cursor of a pattern known as it is. */
const NO_FILE: Piece = { path: '', bytes: Buffer.alloc(0), cursor: undefined };

/** Follows one file or a pattern. A cursor is JSON: of a file where reading stopped in it, of a pattern that of each file by its path. */
export class FileSource implements Source {
  readonly name: string;
  readonly #options: FileOptions;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #poll: number;
  readonly #seldom: Seldom;
  readonly #followers = new Map<string, Follower>();
  readonly #cursors = new Map<string, Cursor>();
  /** Files that were there at the very first start, and whose end is not known yet: a cursor that lacks one of them would be wrong. */
  readonly #awaited = new Set<string>();
  #lines = 0;
  #bytes = 0;

  constructor(options: FileOptions, ports: { readonly log: Log; readonly clock: Clock; readonly poll?: number }) {
    this.name = `file:${options.path}`;
    this.#options = options;
    this.#log = ports.log;
    this.#clock = ports.clock;
    this.#poll = ports.poll ?? POLL;
    this.#seldom = new Seldom(NOTICE_INTERVAL, ports.clock);
  }

  /** See Source. Throws a SourceError when the one file is there and cannot be read. */
  async *read(from: string | undefined, signal: AbortSignal): AsyncGenerator<Batch> {
    const handover = new Handover<Piece>();
    const pattern = isDynamicPattern(this.#options.path);
    let timer: NodeJS.Timeout | undefined;
    try {
      if (pattern) {
        timer = this.#scan(from, handover);
      } else {
        const begun = this.#follow(this.#options.path, this.#fromOf(from && parseCursor(from)), handover);
        begun.catch((thrown: unknown) => handover.fail(unreadable(this.#options.path, thrown)));
      }
      for await (const { path, bytes, cursor } of handover.take(signal)) {
        if (cursor) this.#cursors.set(path, cursor);
        this.#awaited.delete(path);
        this.#lines += countLines(bytes);
        this.#bytes += bytes.length;
        const text = JSON.stringify(pattern ? Object.fromEntries(this.#cursors) : cursor);
        yield { source: this.name, bytes, at: this.#clock(), cursor: this.#awaited.size > 0 ? undefined : text };
      }
    } finally {
      clearInterval(timer);
      for (const follower of this.#followers.values()) follower.close();
      this.#followers.clear();
    }
  }

  /** How it is doing, for `status`. */
  stats(): SourceState {
    const present = [...this.#followers.values()].filter((follower) => !follower.gone).length;
    const state = present > 0 ? `following ${present === 1 ? '1 file' : `${present} files`}` : 'waiting for the file';
    return { state, lines: this.#lines, bytes: this.#bytes };
  }

  #fromOf(cursor: Cursor | undefined | ''): From {
    return cursor || (this.#options.from ?? 'end');
  }

  async #follow(path: string, from: From, handover: Handover<Piece>): Promise<void> {
    const follower = new Follower(path, {
      deliver: (bytes, cursor) => handover.give({ path, bytes, cursor }),
      notice: (kind, text) => this.#seldom.say(`${kind} ${path}`, text, (said) => this.#log.notice(said)),
      fail: (thrown) => handover.fail(thrown),
      clock: this.#clock,
      poll: this.#poll,
    });
    this.#followers.set(path, follower);
    await follower.begin(from);
  }

  /** Follows what matches now, and from time to time what has come to match. */
  #scan(from: string | undefined, handover: Handover<Piece>): NodeJS.Timeout {
    const stored = parseCursors(from);
    const starts = new Map<string, From>(stored);
    let first = true;
    let scanning = false;
    const scan = async (): Promise<void> => {
      if (scanning) return;
      scanning = true;
      const paths = await glob(this.#options.path, { absolute: true, dot: true, expandDirectories: false });
      const logs = paths.filter((path) => !isRotatedOf(path, paths));
      this.#forget(new Set(logs));
      const veryFirst = first && stored === undefined;
      if (first && logs.length === 0) this.#log.notice(`${printable(this.#options.path)}: matches no file yet; waits for one`);
      if (veryFirst && logs.length === 0) void handover.give(NO_FILE);
      if (veryFirst && this.#options.from !== 'start') for (const path of logs) this.#awaited.add(path);
      for (const path of logs.filter((name) => !this.#followers.has(name))) {
        const start = starts.get(path) ?? (veryFirst ? this.#fromOf(undefined) : 'start');
        starts.set(path, start);
        const failed = (thrown: unknown): void => {
          this.#followers.delete(path);
          if (this.#awaited.delete(path)) void handover.give(NO_FILE);
          this.#seldom.say(`open ${path}`, unreadable(path, thrown).message, (said) => this.#log.warn(said));
        };
        // Not awaited: it ends when the lines that were unread at the start have been dealt with.
        void this.#follow(path, start, handover).then(() => starts.delete(path), failed);
      }
      first = false;
      scanning = false;
    };
    const run = (): void => void scan().catch((thrown: unknown) => handover.fail(thrown));
    run();
    return setInterval(run, this.#poll);
  }

  #forget(present: ReadonlySet<string>): void {
    for (const [path, follower] of this.#followers) {
      if (present.has(path) || !follower.gone) continue;
      follower.close();
      this.#followers.delete(path);
      this.#cursors.delete(path);
    }
  }
}

function isRotatedOf(path: string, paths: readonly string[]): boolean {
  return paths.some((log) => log !== path && dirname(log) === dirname(path) && isRotated(basename(path), log));
}

function parseCursors(text: string | undefined): Map<string, Cursor> | undefined {
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  return new Map(Object.entries(value).filter((entry): entry is [string, Cursor] => isCursor(entry[1])));
}
