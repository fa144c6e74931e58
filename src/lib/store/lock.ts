// Allows only one writer for each database file. The writer holds a lock until it closes the file or its process ends.
import { closeSync, existsSync, openSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { errnoOf, LedgerError } from '../../errors.ts';
import { makeFolders } from '../files/folders.ts';
import { openDatabase, type Database } from './driver.ts';
import { faultOf } from './faults.ts';
import { giveToFolderOwner, refuseLink } from './ownership.ts';

/** The claim of one writer on a database. */
export interface Claim {
  /**
   * Claims the database again when the lock file was deleted or replaced, because another program may claim the new file. Throws LedgerError
   * when another writer has done so.
   */
  look(): void;
  /** Releases the lock, so that another program can write. The lock file stays, because another program may wait for the lock. */
  release(): void;
  /** Call this instead of `release` when the database could not be opened. It also removes the lock file, if this claim made the file. */
  takeBack(): void;
}

/**
 * Claims the database at `path` for this program alone. The lock is a lock of the SQL engine on an empty database beside the file,
 * `PATH-lock`. The system releases the lock when the process ends, even after a crash. Other programs can still read the database. Waits up
 * to `busyTimeout` milliseconds (default: 5 seconds) for another writer to end. Throws LedgerError when there is another writer, and when the
 * lock cannot be made.
 */
export function claimWriter(path: string, busyTimeout?: number): Claim {
  const lock = `${path}-lock`;
  const isNew = makeLock(path, lock);
  let held = hold(path, lock, busyTimeout);
  let own = identityOf(lock);
  const look = (): void => {
    if (identityOf(lock) === own) return;
    makeLock(path, lock);
    const before = held;
    held = hold(path, lock, 0);
    own = identityOf(lock);
    before.close();
  };
  const release = (): void => {
    held.exec('ROLLBACK');
    held.close();
  };
  const takeBack = (): void => {
    if (isNew) rmSync(lock, { force: true });
    release();
  };
  return { look, release, takeBack };
}

/** Takes the lock. Waits at most `busyTimeout` milliseconds for another writer. Throws LedgerError. */
function hold(path: string, lock: string, busyTimeout?: number): Database {
  let database: Database | undefined;
  try {
    database = openDatabase(lock, 'write', busyTimeout);
    // The table makes the engine take the lock for writing. It is never committed, so the lock needs no journal file.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE; CREATE TABLE held (it)');
    return database;
  } catch (thrown) {
    database?.close();
    if (errnoOf(thrown) === 'SQLITE_BUSY') {
      const advice = `stop it or wait until it has ended ("fuser ${lock}" shows it)`;
      throw new LedgerError(`${path}: another trapline writes to it, ${advice}; nothing was changed`, { cause: thrown });
    }
    throw faultOf(lock, 'cannot be opened', thrown);
  }
}

/** The identity of the lock file; undefined when there is no file. The birth time is needed, because the inode of a deleted file is used again. */
function identityOf(lock: string): string | undefined {
  const stats = statSync(lock, { bigint: true, throwIfNoEntry: false });
  return stats && `${stats.dev} ${stats.ino} ${stats.birthtimeNs}`;
}

/** Makes the empty lock file and its folder if they are missing. Returns true if the file was missing. */
function makeLock(path: string, lock: string): boolean {
  try {
    makeFolders(dirname(lock), 0o750);
    refuseLink(lock);
    const isMissing = !existsSync(lock);
    if (isMissing) closeSync(openSync(lock, 'a', 0o640));
    if (statSync(lock).isFIFO()) throw new LedgerError(`${lock}: is a pipe, remove it; nothing was changed`);
    giveToFolderOwner(path);
    return isMissing;
  } catch (thrown) {
    throw faultOf(path, 'cannot be opened', thrown);
  }
}
