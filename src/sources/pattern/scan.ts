// Scans for the logs that match a pattern such as /var/log/mail/*.log, and decides where to begin in each log.
import { basename, dirname, join } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { logsOf, type Cursor, type From } from '../follow/follow.ts';

/** The result of one scan. */
export interface Findings {
  /** The paths of all logs that match now; rotated files of these logs are left out. */
  readonly logs: readonly string[];
  /** True for the first scan. */
  readonly first: boolean;
}

/** The scans of one pattern. */
export class PatternScan {
  readonly #pattern: string;
  /** Where to begin in each log that is not being followed yet. */
  readonly #starts: Map<string, From>;
  /** Where to begin in a log that the first scan finds and that has no cursor. */
  readonly #from: 'start' | 'end';
  #scans = 0;
  #scanning = false;

  /** `cursors`: the places where reading of each log last stopped. Undefined at the very first start, when `from` counts instead. */
  constructor(pattern: string, cursors: ReadonlyMap<string, Cursor> | undefined, from: 'start' | 'end') {
    this.#pattern = pattern;
    this.#starts = new Map<string, From>(cursors);
    this.#from = cursors ? 'start' : from;
  }

  /**
   * Scans for logs. `known`: logs that were read before. While such a log is missing, as in the middle of a rotation, a file that is a rotated
   * copy of it is no log, and the missing log counts as found. Resolves to undefined at once while an earlier scan is under way.
   */
  async scan(known: Iterable<string> = []): Promise<Findings | undefined> {
    if (this.#scanning) return undefined;
    this.#scanning = true;
    try {
      const paths = await glob(this.#pattern, { absolute: true, dot: true, expandDirectories: false });
      const logs = new Set([...paths, ...known]);
      const rotated = new Map(paths.map((path) => [path, logsBehind(path).filter((log) => logs.has(log))]));
      const found = new Set([...rotated].flatMap(([path, behind]) => (behind.length === 0 ? [path] : behind)));
      this.#scans += 1;
      return { logs: [...found].filter((path) => (rotated.get(path) ?? []).length === 0), first: this.#scans === 1 };
    } finally {
      this.#scanning = false;
    }
  }

  /** Returns where to begin in a log that the last scan found. A log that the first scan did not find is new and read from its start. */
  startOf(path: string): From {
    const start = this.#starts.get(path) ?? (this.#scans === 1 ? this.#from : 'start');
    this.#starts.set(path, start);
    return start;
  }

  /** True for a log for which the beginning is decided already. */
  waits(path: string): boolean {
    return this.#starts.has(path);
  }

  /** Sets where to begin in a log when it is followed next. */
  wait(path: string, start: From): void {
    this.#starts.set(path, start);
  }

  /**
   * Notes that a log is being followed, so that it counts as new if it vanishes and comes back. Until this call, `startOf` returns the same
   * place for the log each time.
   */
  begun(path: string): void {
    this.#starts.delete(path);
  }
}

/** True for a path with `*`, `?`, `[...]`, `{...}` or the like. */
export function isPattern(path: string): boolean {
  return isDynamicPattern(path);
}

/** The logs in the folder of a file of which the file could be a rotated copy, compressed or not. */
function logsBehind(path: string): readonly string[] {
  return logsOf(basename(path)).map((log) => join(dirname(path), log));
}
