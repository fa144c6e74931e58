// The entry point of this folder: follows all logs of a pattern. Logs that change stay open. Other logs sleep: they are closed until they change.
import type { Millis } from '../../words/ports.ts';
import { Follower, isCursor, NOTHING, statOf, type Cursor, type FollowPorts, type From } from '../follow/follow.ts';
import { PatternCursors, type KeyedCursor } from './cursors.ts';
import { Folders } from './folders.ts';
import { Names } from './names.ts';
import type { PatternPorts } from './ports.ts';
import { Rescans } from './rescans.ts';
import { PatternScan, type Findings } from './scan.ts';
import { Sleepers } from './sleepers.ts';
import { Turns } from './turns.ts';

export { changesKey, joinCursors, parseCursors, type KeyedCursor } from './cursors.ts';
export { faultOfPattern } from './fault.ts';
export { isPattern, PatternScan } from './scan.ts';

/** The number of logs that are held open even if they do not change. */
const AWAKE = 16;
/** If more than AWAKE logs are open, a log without a new line for this time (milliseconds) may be put to sleep. */
const QUIET: Millis = 10_000;
/** If more logs than this are open, each log that is read to its end may sleep at once. The usual limit of descriptors is 1024. */
const MOST_AWAKE = 256;
/** If there are more logs than this, a notice of one kind is logged once for all logs, and not once for each log. */
const FEW = 100;
/** In each poll interval, at most this many of the logs that could not be opened are tried again. */
const RETRIED = 100;

/** A log that is held open. */
interface Awake {
  readonly follower: Follower;
  /** The time (performance.now) of its last lines. Before any lines: the time of opening if there is a cursor, otherwise minus infinity. */
  active: number;
}

/** The logs of one pattern, from `begin` to `close`. */
export class PatternLogs {
  readonly #ports: PatternPorts;
  readonly #scan: PatternScan;
  readonly #rescans: Rescans;
  readonly #turns = new Turns();
  readonly #folders: Folders;
  readonly #sleepers: Sleepers;
  readonly #awake = new Map<string, Awake>();
  /** Logs that are about to be followed. */
  readonly #starting = new Set<string>();
  /** Logs that could not be opened, in the order in which they are tried again. */
  readonly #unreadable = new Set<string>();
  readonly #cursors: PatternCursors;
  readonly #names: Names;
  /** Logs of the very first start whose end is not known yet. Until then no cursor is recorded, because a restart would read these logs whole. */
  readonly #awaited = new Set<string>();
  readonly #veryFirst: boolean;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** `known`: the cursor of each log from the last run. Undefined at the very first start. */
  constructor(known: ReadonlyMap<string, Cursor> | undefined, ports: PatternPorts) {
    const { pattern, source, from, poll } = ports;
    this.#ports = ports;
    this.#veryFirst = known === undefined;
    this.#cursors = new PatternCursors(source, known);
    this.#names = new Names(this.#cursors);
    this.#scan = new PatternScan(pattern, known, from);
    this.#rescans = new Rescans(pattern, { poll, scan: () => this.#look() });
    this.#folders = new Folders((folder, name) => this.#rescans.appeared(folder, name));
    this.#sleepers = new Sleepers({
      folders: this.#folders,
      turns: this.#turns,
      wake: (path, cursor) => {
        this.#scan.wait(path, cursor);
        this.#begin(path);
      },
    });
  }

  /** Begins to follow. Never throws: errors are passed to `fail` and `unreadable`. */
  begin(): void {
    this.#timer = setInterval(() => this.#poll(), this.#ports.poll);
    this.#rescans.watch(this.#folders);
    this.#rescans.now();
  }

  /** Ends following. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#rescans.close();
    this.#turns.close();
    for (const { follower } of this.#awake.values()) follower.close();
    this.#awake.clear();
    this.#sleepers.close();
    this.#folders.close();
  }

  /** The number of logs that are held open. */
  get awake(): number {
    return this.#awake.size;
  }

  /** True when there are more than FEW logs, so that a notice is logged once for all logs. */
  get many(): boolean {
    return this.#awake.size + this.#sleepers.size + this.#unreadable.size > FEW;
  }

  /** The number of logs that exist now. */
  get present(): number {
    return this.#count(({ gone }) => !gone) + this.#sleepers.size - this.#sleepers.gone.length;
  }

  /** The number of logs that cannot be opened. */
  get closed(): number {
    return this.#count(({ fault }) => fault !== undefined) + this.#unreadable.size;
  }

  /** Notes that lines of a log have been taken, and returns the cursor text to be recorded with these lines. */
  cursorAfter(path: string | undefined, cursor: Cursor | undefined): Partial<KeyedCursor> {
    if (path !== undefined) this.#awaited.delete(path);
    if (path !== undefined && cursor) this.#cursors.set(path, cursor);
    return this.#awaited.size > 0 ? {} : this.#cursors.text();
  }

  /** Why a followed log cannot be opened any more, with its path. */
  get fault(): string | undefined {
    return [...this.#awake.values()].find(({ follower }) => follower.fault !== undefined)?.follower.fault;
  }

  #count(has: (follower: Follower) => boolean): number {
    return [...this.#awake.values()].filter(({ follower }) => has(follower)).length;
  }

  #poll(): void {
    this.#sleepers.poll(this.#ports.clock());
    this.#rescans.poll();
    this.#rest();
    for (const path of [...this.#unreadable].slice(0, RETRIED)) {
      this.#unreadable.delete(path);
      this.#begin(path);
    }
  }

  async #look(): Promise<void> {
    const found = await this.#scan.scan(this.#cursors.paths).catch((thrown: unknown) => this.#ports.fail(thrown));
    if (!found || this.#closed) return;
    for (const [path, cursor] of this.#names.renamed(found, (log) => this.#isKnown(log) || this.#scan.waits(log)))
      this.#scan.wait(path, cursor);
    this.#forgetMissing(found);
    if (found.first) this.#first(found.logs);
    for (const path of found.logs) if (!this.#isKnown(path)) this.#begin(path);
  }

  #first(logs: readonly string[]): void {
    if (logs.length === 0) this.#ports.matchesNothing();
    if (!this.#veryFirst) return;
    // An empty set of cursors is recorded, so that a file that appears later counts as new, also after a restart.
    if (logs.length === 0) void this.#ports.give(undefined, NOTHING, undefined);
    if (this.#ports.from === 'end') for (const path of logs) this.#awaited.add(path);
  }

  /** Forgets logs that are gone and read to their end. After the first scan, also forgets the cursors of files that do not exist. */
  #forgetMissing({ logs, first }: Findings): void {
    const present = new Set(logs);
    for (const [path, { follower }] of this.#awake) if (!present.has(path) && follower.gone) this.#forget(path);
    for (const path of this.#sleepers.gone) if (!present.has(path)) this.#forget(path);
    for (const path of this.#unreadable) if (!present.has(path)) this.#unreadable.delete(path);
    // A scan that cannot list a folder does not find its files, so `statOf` checks that a file is missing.
    if (first) for (const path of this.#cursors.paths) if (!present.has(path) && !statOf(path)) this.#cursors.delete(path);
  }

  #forget(path: string): void {
    this.#awake.get(path)?.follower.close();
    this.#awake.delete(path);
    this.#sleepers.remove(path);
    this.#cursors.delete(path);
    this.#names.delete(path);
  }

  #isKnown(path: string): boolean {
    return this.#awake.has(path) || this.#starting.has(path) || this.#sleepers.has(path) || this.#unreadable.has(path);
  }

  /** Begins to follow a log in a later turn. If many logs are open, a log that has not changed since its cursor was made sleeps at once. */
  #begin(path: string): void {
    this.#starting.add(path);
    this.#turns.run(() => {
      this.#starting.delete(path);
      // Node puts U+FFFD in place of a byte that is not UTF-8, and cannot open a file by such a name.
      if (path.includes('\ufffd') && !statOf(path)) return this.#failed(path, new Error('its name is not UTF-8, rename it'));
      if (this.#names.isSecond(path, (log) => this.#isKnown(log))) return this.#skip(path);
      const start = this.#scan.startOf(path);
      if (this.#awake.size >= AWAKE && isCursor(start) && this.#sleepers.add(path, start, start.at)) this.#scan.begun(path);
      else this.#follow(path, start);
      if (this.#awake.size > 2 * AWAKE) this.#rest();
    });
  }

  /** Notes that a log is not followed, so that the cursors need not wait for its end. */
  #skip(path: string): void {
    if (this.#awaited.delete(path)) void this.#ports.give(undefined, NOTHING, undefined);
  }

  #follow(path: string, start: From): void {
    const { clock, fail, give, lost, notice, poll, resumed } = this.#ports;
    const ports: FollowPorts = {
      deliver: async (bytes, cursor, writtenAfter) => {
        if (bytes.length > 0) awake.active = performance.now();
        await give(path, bytes, cursor, writtenAfter);
      },
      notice: (kind, text) => notice(path, kind, text),
      lost,
      resumed: (before) => resumed?.(path, before),
      leftAt: (file) => this.#cursors.leftAt(file, path),
      fail,
      clock,
      poll,
      watch: (events) => this.#folders.watchFor(events),
      soon: (read) => this.#turns.run(read),
    };
    const active = isCursor(start) ? performance.now() : Number.NEGATIVE_INFINITY;
    const awake: Awake = { follower: new Follower(path, ports), active };
    this.#awake.set(path, awake);
    // This is not awaited, because it resolves only when the lines that were unread at the start have been processed.
    void awake.follower.begin(start).then(
      () => this.#scan.begun(path),
      (thrown: unknown) => this.#failed(path, thrown),
    );
  }

  #failed(path: string, thrown: unknown): void {
    this.#awake.delete(path);
    this.#unreadable.add(path);
    this.#skip(path);
    this.#ports.unreadable(path, thrown);
  }

  /** If too many logs are held open, puts quiet logs to sleep, and begins with the logs that have been quiet for the longest time. */
  #rest(): void {
    let surplus = this.#awake.size - AWAKE;
    if (surplus <= 0) return;
    const quietSince = performance.now() - (this.#awake.size > MOST_AWAKE ? 0 : QUIET);
    const quiet = [...this.#awake].filter(([, { active }]) => active < quietSince);
    for (const [path, { follower }] of quiet.toSorted(([, one], [, other]) => one.active - other.active)) {
      if (surplus === 0) return;
      const cursor = follower.resting;
      if (!cursor || !this.#sleepers.add(path, cursor)) continue;
      follower.close();
      this.#awake.delete(path);
      surplus -= 1;
    }
  }
}
