// Lists the rotated files of a log. A large folder is listed again only when it has changed, because it can hold thousands of logs.
import { readdirSync, statSync } from 'node:fs';
import { errnoOf } from '../errors.ts';

/** The names in a folder are remembered if there are at least this many. */
const LARGE = 256;

/** The maximum number of folders that are remembered. Before one more is added, all folders are forgotten. */
const MOST_FOLDERS = 64;

/**
 * A listing is remembered only if the folder has been unchanged for this many milliseconds. File systems count time in ticks of a few
 * milliseconds. So a change right after the listing may leave the modification time of the folder as it is, and would go unnoticed.
 */
const SETTLED = 100;

/** The names in a large folder. */
interface Listing {
  readonly inode: bigint;
  /** The modification time of the folder, in nanoseconds since 1970. */
  readonly modified: bigint;
  /** The names of the rotated files of each log. The key is the name of the log. */
  readonly byLog: ReadonlyMap<string, readonly string[]>;
}

const listings = new Map<string, Listing>();

/**
 * Returns the names in a folder that belong to a log. A name belongs to the log if `logsOf` returns the name of the log for it. Returns []
 * when the folder is missing or may not be listed. Lists a large folder again only if it has changed. Throws a system error when the system
 * is short of descriptors or memory.
 */
export function namesFor(folder: string, log: string, logsOf: (name: string) => readonly string[]): readonly string[] {
  try {
    // The time is read before the folder is listed. So a change during the listing makes the next call list the folder again.
    const { ino: inode, mtimeNs: modified } = statSync(folder, { bigint: true });
    const known = listings.get(folder);
    if (known?.inode === inode && known.modified === modified) return known.byLog.get(log) ?? [];
    listings.delete(folder);
    const settled = Number(modified / 1_000_000n) + SETTLED < Date.now();
    const names = readdirSync(folder);
    if (names.length < LARGE || !settled) return names.filter((name) => logsOf(name).includes(log));
    const byLog = groupedBy(names, logsOf);
    if (listings.size >= MOST_FOLDERS) listings.clear();
    listings.set(folder, { inode, modified, byLog });
    return byLog.get(log) ?? [];
  } catch (thrown) {
    if (isShortage(thrown)) throw thrown;
    return []; // The folder is missing, or may not be listed.
  }
}

/** True for an error that shows that the system is short of descriptors or memory. */
export function isShortage(thrown: unknown): boolean {
  return ['EMFILE', 'ENFILE', 'ENOMEM'].includes(errnoOf(thrown) ?? '');
}

function groupedBy(names: readonly string[], logsOf: (name: string) => readonly string[]): ReadonlyMap<string, readonly string[]> {
  const byLog = new Map<string, string[]>();
  for (const name of names) {
    for (const log of logsOf(name)) {
      const group = byLog.get(log);
      if (group) group.push(name);
      else byLog.set(log, [name]);
    }
  }
  return byLog;
}
