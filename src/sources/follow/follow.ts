// Follows one log through its rotations, on top of the package tail-file: that watches the directory; what is read, in which order and how
// far is decided here, byte by byte, and handed over as whole lines. See docs/decisions/0003-following-files.md.
import { readSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import Tail from 'tail-file';
import { messageOf } from '../../errors.ts';
import { printable } from '../../lib/printable.ts';
import type { Clock } from '../../types.ts';
import { withoutNuls } from '../lines.ts';
import { Chain, type Step } from './chain.ts';
import { identityOf, keyOf, nowhere, type Cursor } from './place.ts';
import { roomAfter, SMALL_READ } from './room.ts';
import { resolveLink, resume, startOf, type From } from './resume.ts';
import { statOf } from './rotation.ts';

/** Milliseconds from one read to the next while lines keep coming: many lines are then one read. The first after a pause is read at once. */
const PACE = 5;

const NOTHING = Buffer.alloc(0);

/** Takes whole lines and the cursor after them; resolves when they have been dealt with, and only then more is read. */
export type Deliver = (bytes: Buffer, cursor: Cursor) => Promise<void>;

/** What a follower is handed. */
export interface FollowPorts {
  readonly deliver: Deliver;
  /** What the operator should know, on one line; `key` is the kind of it. */
  readonly notice: (key: string, text: string) => void;
  /** Called once, when following cannot go on: something else than the file is wrong. */
  readonly fail: (thrown: unknown) => void;
  readonly clock: Clock;
  /** Milliseconds between two looks that no event asked for: the net under a watch that missed something, or cannot be had. */
  readonly poll: number;
}

/** One followed log. */
export class Follower extends Tail {
  readonly #ports: FollowPorts;
  readonly #chain: Chain;
  /** The path as it was given: it may be a symbolic link, and the link may change. */
  readonly #given: string;
  #timer: NodeJS.Timeout | undefined;
  #pacing: NodeJS.Timeout | undefined;
  #room = SMALL_READ;
  #lastRead = 0;
  /** Lines have been handed over and are being dealt with. */
  #held = false;
  #closed = false;
  #watched: string | undefined;
  #changed: bigint | undefined;

  constructor(path: string, ports: FollowPorts) {
    super(resolveLink(path), { force: true, _bufsize: SMALL_READ });
    this.#given = path;
    this.#ports = ports;
    const shown = printable(path);
    this.#chain = new Chain(this.filename, {
      report: (text, kind) => ports.notice(kind, text),
      cut: () => ports.notice('cut', `${shown}: a line of more than 64 KiB was cut`),
      clock: ports.clock,
    });
  }

  /** True while there is no file at the path and nothing of the last one is left to be read. */
  get gone(): boolean {
    return !this.#chain.there;
  }

  /**
   * Begins to follow: from a cursor, from the start, or from the end of what is there (then a cursor without lines is delivered at
   * once, also when there is nothing yet). A file, or a directory, that is not there yet is waited for. Rejects when the file is there and cannot be read.
   */
  async begin(from: From): Promise<void> {
    const { deliver, clock, notice } = this.#ports;
    if (typeof from === 'string') {
      const start = startOf(this.filename, from);
      this.#chain.know(start.known);
      if (start.file) this.#chain.begin(start.file, start.place);
      const end = start.file ? start.place.cursor(start.file.identity, NOTHING, 0, clock()) : nowhere(clock());
      if (from === 'end') await deliver(NOTHING, end);
    } else {
      const found = await resume(this.filename, from, { clock, cut: () => notice('cut', `${this.filename}: a long line was cut`) });
      if (found.lost) notice('resume', `${printable(this.#given)}: ${found.lost}`);
      this.#chain.know(found.known);
      if (found.file) this.#chain.begin(found.file, found.place);
      for await (const { bytes, cursor } of found.unread) await deliver(bytes, cursor);
    }
    if (this.#closed) return this.#release();
    this.#timer = setInterval(() => this.#poll(), this.#ports.poll);
    this.#watch();
  }

  /** Ends following; nothing is delivered afterwards. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    clearTimeout(this.#pacing);
    this.#unwatch();
    if (!this.reading) this.#release();
  }

  // What follows is called by tail-file, at the places where it would do something else.

  override checkDir(type: string, name: string | null): void {
    const renamed = type === 'rename';
    const atLog = this.#chain.atLog;
    if (!renamed && atLog && name !== null && name !== basename(this.filename)) return;
    if (renamed || !atLog || this.#held) this.#chain.look(renamed);
    this.readable = true;
    this.#readSoon();
  }

  override checkDirError(): void {
    this.#unwatch();
  }

  override getLine(): void {
    this.readStuff();
  }

  override readStuff(): void {
    if (this.#closed || this.reading || !this.started) return;
    if (!this.#chain.current && !this.#chain.ended().more) return;
    this.#lastRead = performance.now();
    this.fd = this.#chain.current?.fd;
    this.pos = this.#chain.reading.place.readFrom;
    this.reading = true; // Holds back the next read until this one has been dealt with.
    this.readable = false;
    this.buf ??= Buffer.alloc(this.#room);
    try {
      // What was just written is in memory: to copy it takes a tenth of what it takes to have another thread do it (0.2 ms).
      void this.#deal(this.buf.subarray(0, readSync(this.fd ?? -1, this.buf, 0, this.#room, this.pos)));
    } catch (thrown) {
      this.#unreadable(thrown);
    }
  }

  #unreadable(thrown: unknown): void {
    this.reading = false;
    this.#ports.notice('read', `${printable(this.#given)}: cannot be read: ${messageOf(thrown)}; tried again`);
    this.#chain.drop();
    if (this.#closed) this.#release();
  }

  async #deal(chunk: Buffer): Promise<void> {
    try {
      const more = !this.#closed && (await this.#take(chunk));
      this.reading = false;
      if (this.#closed) this.#release();
      // In a turn of its own, so that others have theirs while there is much to read.
      else if (more) setImmediate(() => this.readStuff());
      else if (this.readable) this.#readSoon();
    } catch (thrown) {
      this.#ports.fail(thrown);
    }
  }

  /** Resolves to whether there may be more to read at once. */
  async #take(chunk: Buffer): Promise<boolean> {
    const { current, reading } = this.#chain;
    if (!current) return false;
    const fresh = reading.place.fresh(chunk);
    if (fresh === undefined) return this.#step(this.#chain.truncated());
    if (fresh.length === 0) return this.#step(this.#chain.ended());
    const parts = reading.lines.feed(reading.hole ? withoutNuls(fresh) : fresh);
    const length = fresh.lastIndexOf(0x0a) + 1;
    const cursor = length > 0 ? reading.place.cursor(current.identity, fresh, length, this.#ports.clock()) : undefined;
    reading.place.advance(fresh);
    if (length > 0) reading.hole = false;
    const full = chunk.length === this.#room;
    const start = performance.now();
    if (cursor && parts.length > 0) await this.#deliver(Buffer.concat(parts), cursor);
    this.#resize(full ? roomAfter(this.#room, performance.now() - start) : SMALL_READ);
    // The end of the file need not be looked at when there was less than there was room for, unless something was renamed.
    return full || !this.#chain.atLog;
  }

  async #step(step: Step): Promise<boolean> {
    if (step.leftover) await this.#deliver(step.leftover.bytes, step.leftover.cursor);
    return step.more;
  }

  async #deliver(bytes: Buffer, cursor: Cursor): Promise<void> {
    this.#held = true;
    await this.#ports.deliver(bytes, cursor);
    this.#held = false;
  }

  #readSoon(): void {
    const wait = this.#lastRead + PACE - performance.now();
    if (wait <= 0) return this.readStuff();
    this.#pacing ??= setTimeout(() => {
      this.#pacing = undefined;
      this.readStuff();
    }, wait);
  }

  #resize(size: number): void {
    if (this.#room === size) return;
    this.#room = size;
    Object.assign(this, { _bufsize: size, buf: null });
  }

  #poll(): void {
    const path = resolveLink(this.#given);
    if (path !== this.filename) {
      this.filename = path;
      this.#chain.rename(path);
    }
    const directory = statOf(dirname(path));
    if (this.#watched !== (directory && keyOf(identityOf(directory)))) {
      this.#unwatch();
      if (directory) this.#watch();
    }
    const stirred = this.#changed !== directory?.mtimeNs;
    this.#changed = directory?.mtimeNs;
    this.#chain.look(stirred);
    this.readable = true;
    this.readStuff();
  }

  #watch(): void {
    const directory = statOf(dirname(this.filename));
    this.#watched = directory && keyOf(identityOf(directory));
    try {
      this.startTail(this.filename);
    } catch (thrown) {
      const where = printable(dirname(this.filename));
      if (directory)
        this.#ports.notice('watch', `${where}: cannot be watched: ${messageOf(thrown)}; its files are looked at every second`);
      this.started = this.filename;
      this.readStuff();
    }
  }

  #unwatch(): void {
    this.watcher?.removeAllListeners();
    this.watcher?.on('error', () => {});
    this.watcher?.close();
    this.watcher = null;
    this.#watched = undefined;
  }

  #release(): void {
    this.#chain.close();
    this.started = null;
    this.fd = null;
  }
}
