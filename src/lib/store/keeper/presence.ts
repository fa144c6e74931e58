// Notices when another program removes or changes the files of an open database. The files are checked by name with lstat(2) and access(2),
// and never opened: closing a file drops all locks of this process on it (fcntl(2)), including the locks of the engine.
import { accessSync, constants, lstatSync, type BigIntStats } from 'node:fs';

/** The database, its write-ahead log, and the index of that log (sqlite.org/walformat.html). */
const SUFFIXES = ['', '-wal', '-shm'] as const;

type Suffix = (typeof SUFFIXES)[number];

const NAMES: Readonly<Record<Suffix, string>> = {
  '': 'the file',
  '-wal': 'its write-ahead log',
  '-shm': 'the index of its write-ahead log',
};

/**
 * A change of the files by another program. `gone`: a file was deleted or replaced. The engine still has its own files open, and can read all
 * rows. `changed`: another program has written to a file or cut it. `damaged`: the engine cannot read a page of the file. `text` describes the
 * change.
 */
export interface Loss {
  readonly kind: 'gone' | 'changed' | 'damaged';
  readonly text: string;
}

/** The results of lstat(2) after the last write of the engine. */
type Seen = Readonly<Record<Suffix, BigIntStats | undefined>>;

/** The files of one open database. */
export class Presence {
  readonly #path: string;
  readonly #dataVersion: () => number;
  #seen: Seen;
  #version: number;

  /**
   * `dataVersion` returns `PRAGMA data_version` of the connection. Its value changes only when another connection commits
   * (sqlite.org/pragma.html#pragma_data_version). Throws what lstat(2) throws.
   */
  constructor(path: string, dataVersion: () => number) {
    this.#path = path;
    this.#dataVersion = dataVersion;
    // This query comes before stat(2), because the engine opens the write-ahead log and its index only with the first query.
    this.#version = dataVersion();
    this.#seen = this.#stat();
  }

  /** The permission bits of the database file, as last known. */
  get mode(): number {
    return Number(this.#seen['']?.mode ?? 0o640n) & 0o777;
  }

  /** True when the file with this suffix is the one that the engine has open, or does not exist. */
  isOwn(suffix: Suffix): boolean {
    const stats = lstatSync(`${this.#path}${suffix}`, { bigint: true, throwIfNoEntry: false });
    return stats === undefined || isSame(stats, this.#seen[suffix]);
  }

  /**
   * Call this after a write of the engine. Remembers the present state of the files. If a file was deleted or replaced, returns the loss
   * instead.
   */
  written(): Loss | undefined {
    const now = this.#stat();
    const loss = this.#lost(now);
    if (!loss) this.#seen = now;
    return loss;
  }

  /**
   * Returns the loss; undefined while the files are still the files of the engine. Makes four system calls. Throws the error of the system
   * when this user may not write to the file any more, because its mode was changed or its disk became read-only.
   */
  look(): Loss | undefined {
    const now = this.#stat();
    const gone = this.#lost(now);
    if (gone) return gone;
    accessSync(this.#path, constants.R_OK | constants.W_OK);
    const changed = SUFFIXES.find((suffix) => suffix !== '-shm' && isChanged(now[suffix], this.#seen[suffix]));
    if (changed === undefined) return undefined;
    if (this.#hasOtherVersion()) {
      this.#seen = now;
      return undefined;
    }
    const shrunk = (now[changed]?.size ?? 0n) < (this.#seen[changed]?.size ?? 0n);
    return { kind: 'changed', text: `${NAMES[changed]} was ${shrunk ? 'cut' : 'overwritten'}` };
  }

  /** Returns the loss for the first file that was deleted or replaced. */
  #lost(now: Seen): Loss | undefined {
    for (const suffix of SUFFIXES) {
      const [stats, seen] = [now[suffix], this.#seen[suffix]];
      if (seen === undefined || (stats !== undefined && isSame(stats, seen))) continue;
      return { kind: 'gone', text: `${NAMES[suffix]} was ${stats === undefined ? 'deleted' : 'replaced by another'}` };
    }
    return undefined;
  }

  /** True when another connection has committed since the last check. False when the file cannot be read. */
  #hasOtherVersion(): boolean {
    try {
      const before = this.#version;
      this.#version = this.#dataVersion();
      return this.#version !== before;
    } catch {
      return false;
    }
  }

  #stat(): Seen {
    const of = (suffix: Suffix): BigIntStats | undefined =>
      lstatSync(`${this.#path}${suffix}`, { bigint: true, throwIfNoEntry: false });
    return { '': of(''), '-wal': of('-wal'), '-shm': of('-shm') };
  }
}

function isSame(one: BigIntStats, other: BigIntStats | undefined): boolean {
  return one.ino === other?.ino && one.dev === other.dev;
}

function isChanged(now: BigIntStats | undefined, seen: BigIntStats | undefined): boolean {
  return now?.size !== seen?.size || now?.mtimeNs !== seen?.mtimeNs;
}
