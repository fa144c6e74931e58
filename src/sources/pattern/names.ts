// Recognises logs of a pattern under other names: files that were renamed, and second names of a log that is followed.
import { identityOf, keyOf, resolveLink, statOf, type Cursor } from '../follow/follow.ts';
import type { PatternCursors } from './cursors.ts';
import { FileNames } from './files.ts';
import type { Findings } from './scan.ts';

/** The names of the files of one pattern. */
export class Names {
  readonly #cursors: Pick<PatternCursors, 'logOf' | 'get'>;
  /** The file that each followed log had when following began. */
  readonly #files = new FileNames();
  /** The logs that the last scan found. */
  #found: ReadonlySet<string> = new Set();

  constructor(cursors: Pick<PatternCursors, 'logOf' | 'get'>) {
    this.#cursors = cursors;
  }

  /** Takes the logs of a scan. Yields each log that is not `known` and whose file had another name before, with the cursor of that name. */
  *renamed({ logs }: Findings, known: (path: string) => boolean): Generator<[path: string, cursor: Cursor]> {
    this.#found = new Set(logs);
    for (const path of logs) {
      if (known(path)) continue;
      const file = fileAt(path);
      const log = file === undefined ? undefined : this.#cursors.logOf(file);
      const cursor = log === undefined || fileAt(log) === file ? undefined : this.#cursors.get(log);
      if (cursor) yield [path, cursor];
    }
  }

  /**
   * True for a second name of a log: a symbolic link to a path that matches too, or another link to the file of a log that is `followed`.
   * Any other log is noted under its file.
   */
  isSecond(path: string, followed: (log: string) => boolean): boolean {
    const target = resolveLink(path);
    if (target !== path && this.#found.has(target)) return true;
    const file = fileAt(path);
    if (file === undefined) return false;
    const others = [this.#cursors.logOf(file), this.#files.logOf(file)];
    if (others.some((other) => other !== undefined && other !== path && followed(other) && fileAt(other) === file)) return true;
    this.#files.set(path, file);
    return false;
  }

  /** Forgets a log. */
  delete(path: string): void {
    this.#files.delete(path);
  }
}

/** The key of the file at a path; undefined: there is no file. */
function fileAt(path: string): string | undefined {
  const stats = statOf(path);
  return stats && keyOf(identityOf(stats));
}
