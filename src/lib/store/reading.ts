// Opens a database file for queries only, if possible without a copy, because a copy of a million hits takes 2.4 s and 304 MB.
import { statSync } from 'node:fs';
import { openDatabase, type Access, type Database } from './driver.ts';
import { newestVersion, versionOf, type Schema } from './migrate.ts';
import { isForeignLink } from './ownership.ts';
import { openSnapshot } from './snapshot.ts';

/**
 * Opens the file for queries. The file is read in place while its daemon runs, after a crash, and after a clean stop. A snapshot is read
 * instead when the file is missing, has an older schema, or cannot be read in place. Throws as `openSnapshot` does.
 */
export function openForReading(path: string, schemas: readonly Schema[]): Database {
  const inPlace = path === ':memory:' || sizeOf(path) === 0 || isForeignLink(path) ? undefined : openInPlace(path);
  if (!inPlace) return openSnapshot(path, schemas);
  try {
    if (versionOf(inPlace, path, schemas) === newestVersion(schemas)) {
      // Sorting a long list must not write to the disk.
      inPlace.exec('PRAGMA temp_store = MEMORY');
      return inPlace;
    }
  } catch (thrown) {
    inPlace.close();
    throw thrown;
  }
  inPlace.close();
  return openSnapshot(path, schemas);
}

/** Opens the file in place. Undefined: the engine cannot read the file in place. */
function openInPlace(path: string): Database | undefined {
  return tryToOpen(path, 'read') ?? (isAtRest(path) ? tryToOpen(path, 'frozen') : undefined);
}

/**
 * Opens the file, or returns undefined. To read a file with a write-ahead log, the engine needs the index of that log. The index exists while
 * a program has the file open, and after a crash. If it is missing, the engine creates it, which fails when this user may not write to the
 * folder.
 */
function tryToOpen(path: string, access: Access): Database | undefined {
  let database: Database | undefined;
  try {
    database = openDatabase(path, access);
    database.prepare('SELECT count(*) FROM sqlite_master').get([]);
    return database;
  } catch {
    // The caller makes a snapshot instead. If that fails too, its error shows the reason.
    database?.close();
    return undefined;
  }
}

/** True when no program has the file open and all rows are in the file itself, not in a log or journal beside it. */
function isAtRest(path: string): boolean {
  return sizeOf(`${path}-shm`) === 0 && sizeOf(`${path}-wal`) === 0 && sizeOf(`${path}-journal`) === 0;
}

/** The size in bytes; 0 when there is no such file. */
function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
