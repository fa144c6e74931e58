// Makes a temporary copy of a database file, for callers whose changes must not be kept, and for files that cannot be read in place.
import { chmodSync, copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, type Database } from './driver.ts';
import { migrate, versionOf, type Schema } from './migrate.ts';

/**
 * Opens a copy of the current file, brought to the newest schema, or an empty database when there is no file. The copy is deleted at once and
 * stays open. So its disk space is freed when it is closed, even by a crash. Throws LedgerError, or the errors of the engine and the system.
 * A file that this user may not examine is an error, and does not count as missing.
 */
export function openSnapshot(path: string, schemas: readonly Schema[]): Database {
  const isFile = path !== ':memory:' && statSync(path, { throwIfNoEntry: false }) !== undefined;
  const database = isFile ? copyOf(path, schemas) : openDatabase(':memory:');
  migrate(database, path, schemas);
  return database;
}

function copyOf(path: string, schemas: readonly Schema[]): Database {
  const folder = mkdtempSync(join(tmpdir(), 'trapline-'));
  try {
    const copy = join(folder, 'copy.db');
    // The index of the write-ahead log exists while a program has the file open. Then only the engine can copy all rows. Without the index,
    // no program has the file open. Then the files are copied, because the engine would create the index beside the original.
    if (existsSync(`${path}-shm`)) copyLive(path, copy);
    else copyFiles(path, copy);
    // A copy has the mode of its original, which may forbid writing.
    chmodSync(copy, 0o600);
    const database = openDatabase(copy);
    versionOf(database, path, schemas);
    // The copy can be deleted while it is open, because it needs no journal files beside it.
    database.exec('PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY; BEGIN IMMEDIATE; COMMIT');
    return database;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function copyLive(path: string, copy: string): void {
  const original = openDatabase(path, 'read');
  try {
    original.prepare('VACUUM INTO ?').run([copy]);
  } finally {
    original.close();
  }
}

function copyFiles(path: string, copy: string): void {
  copyFileSync(path, copy);
  if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${copy}-wal`);
}
