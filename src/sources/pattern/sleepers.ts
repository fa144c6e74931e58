// The sleeping logs of a pattern. They are quiet, read to their end, and closed; only their cursors are kept. A log wakes when its file changes.
import type { BigIntStats } from 'node:fs';
import { dirname } from 'node:path';
import type { Millis } from '../../words/ports.ts';
import { identityOf, keyOf, resolveLink, statOf, type Cursor, type DirectoryWatch } from '../follow/follow.ts';
import type { Folders } from './folders.ts';
import type { Turns } from './turns.ts';

/**
 * Each sleeping log is checked once in this many polls, in case an event was missed. A log whose folder cannot be watched is checked at each
 * poll.
 */
const ROUND = 60;

/** A sleeping log. */
interface Sleeper {
  readonly cursor: Cursor;
  /** The file at the path when the log was put to sleep: its key, size and modification time as one text. */
  readonly state: string;
  readonly watch: DirectoryWatch;
  watched: boolean;
  /** True when the last check found no file at the path. */
  gone: boolean;
}

/** The shared watches and turns, and the callback of `Sleepers`. */
interface SleepPorts {
  readonly folders: Folders;
  readonly turns: Turns;
  /** Called when a log wakes, after it has been removed from the sleeping logs. `cursor.ended` tells since when the log may have grown. */
  readonly wake: (path: string, cursor: Cursor) => void;
}

/** The sleeping logs of one pattern. */
export class Sleepers {
  readonly #ports: SleepPorts;
  readonly #logs = new Map<string, Sleeper>();
  /** The logs that have not been checked in this round. */
  #round: Iterator<[string, Sleeper]> | undefined;
  /** When `poll` was last called, and when it was called before. */
  #polled: Millis | undefined;
  #polledBefore: Millis | undefined;

  constructor(ports: SleepPorts) {
    this.#ports = ports;
  }

  /** The number of sleeping logs. */
  get size(): number {
    return this.#logs.size;
  }

  /** True when this log sleeps. */
  has(path: string): boolean {
    return this.#logs.has(path);
  }

  /** The paths of the logs whose files are gone. */
  get gone(): readonly string[] {
    return [...this.#logs].flatMap(([path, { gone }]) => (gone ? [path] : []));
  }

  /**
   * Puts a log to sleep that was read up to the cursor, its end. Returns false when the file at the path has changed after `since`, or when it does not
   * end at the cursor. The file may also be a new and empty one, if the cursor is at the end of a rotated file and the folder is watched: an
   * event then reports further lines of the rotated file.
   */
  add(path: string, cursor: Cursor, since: Millis = Number.POSITIVE_INFINITY): boolean {
    const stats = statOf(path);
    if (!stats || Number(stats.mtimeNs / 1_000_000n) > since) return false;
    const isNew = stats.size === 0n && keyOf(identityOf(stats)) !== keyOf(cursor);
    if (isNew ? since !== Number.POSITIVE_INFINITY : !endsAt(stats, cursor)) return false;
    const watch = this.#ports.folders.watchFor({
      changed: (renamed) => this.#look(path, sleeper, !renamed),
      failed: () => {
        sleeper.watched = false;
        if (isNew) this.#look(path, sleeper, true);
      },
    });
    const sleeper: Sleeper = { cursor, state: stateOf(stats), watch, watched: false, gone: false };
    this.#logs.set(path, sleeper);
    this.#watch(path, sleeper);
    if (isNew && !sleeper.watched) {
      this.remove(path);
      return false;
    }
    // Lines that were written before the watch began have caused no event, so the file is checked again.
    this.#look(path, sleeper, false);
    return true;
  }

  /** Forgets a log. */
  remove(path: string): void {
    this.#logs.get(path)?.watch.stop();
    this.#logs.delete(path);
  }

  /**
   * Checks the next logs of the round, and all logs whose folder is not watched. Call this once in each poll interval. `now`: the present
   * time.
   */
  poll(now: Millis): void {
    this.#polledBefore = this.#polled;
    this.#polled = now;
    for (let left = Math.ceil(this.#logs.size / ROUND); left > 0; left -= 1) {
      this.#round ??= this.#logs.entries();
      const { value, done } = this.#round.next();
      if (done === true) this.#round = undefined;
      else this.#look(...value, false);
    }
    this.#pollUnwatched();
  }

  /** Forgets all logs. */
  close(): void {
    for (const { watch } of this.#logs.values()) watch.stop();
    this.#logs.clear();
  }

  /** Checks the logs whose folder is not watched. Tries again to watch their folders, each folder once. */
  #pollUnwatched(): void {
    const failed = new Set<string>();
    for (const [path, sleeper] of this.#logs) {
      if (sleeper.watched) continue;
      if (!failed.has(dirname(path))) this.#watch(path, sleeper);
      if (!sleeper.watched) failed.add(dirname(path));
      this.#ports.turns.run(() => this.#look(path, sleeper, false));
    }
  }

  /** Checks the file of a log. Wakes the log if the file has changed, or if `written` is true. */
  #look(path: string, sleeper: Sleeper, written: boolean): void {
    if (this.#logs.get(path) !== sleeper) return;
    const stats = statOf(path);
    sleeper.gone = stats === undefined;
    if (!stats || (stateOf(stats) === sleeper.state && !written)) return;
    this.remove(path);
    const ended = this.#endedAt(sleeper);
    this.#ports.wake(path, { ...sleeper.cursor, ...(ended !== undefined && { ended }) });
  }

  /**
   * The last instant at which a log that wakes is known to have ended at its cursor. An event would have reported a change before the poll
   * before last: the last poll may have been called before an event that was waiting.
   */
  #endedAt({ cursor, watched }: Sleeper): Millis | undefined {
    if (!watched) return undefined;
    return Math.max(cursor.at, this.#polledBefore ?? cursor.at);
  }

  #watch(path: string, sleeper: Sleeper): void {
    const target = resolveLink(path);
    try {
      sleeper.watch.start(target);
      sleeper.watched = this.#ports.folders.isWatched(dirname(target));
    } catch {
      sleeper.watched = false; // The followers of other logs in this folder report that the folder cannot be watched.
    }
  }
}

function stateOf(stats: BigIntStats): string {
  return `${keyOf(identityOf(stats))} ${stats.size} ${stats.mtimeNs}`;
}

function endsAt(stats: BigIntStats, cursor: Cursor): boolean {
  return keyOf(identityOf(stats)) === keyOf(cursor) && Number(stats.size) === cursor.offset;
}
