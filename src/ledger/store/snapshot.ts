// A throw-away copy of the ledger: for listings without a daemon and for dry runs, which change nothing on disk.
import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, type Database } from './driver.ts';
import { migrate, versionOf } from './schema.ts';

/**
 * Opens a copy of the ledger as it is at this moment, brought to the current schema; an empty one when there is no file. The copy has
 * no name: it is gone when it is closed, also by a crash. Throws LedgerError, or what the engine or the system throws: a file that may not
 * be looked at is not taken for none.
 */
export function openSnapshot(path: string): Database {
  const database = path === ':memory:' || !statSync(path, { throwIfNoEntry: false }) ? openDatabase(':memory:') : copyOf(path);
  migrate(database, path);
  return database;
}

function copyOf(path: string): Database {
  const folder = mkdtempSync(join(tmpdir(), 'trapline-'));
  try {
    const copy = join(folder, 'copy.db');
    // The index of the write-ahead log is there as long as somebody has the ledger open; then only the engine can copy it whole. Without
    // it nobody has, and opening the original would make that file.
    if (existsSync(`${path}-shm`)) copyLive(path, copy);
    else copyFiles(path, copy);
    const database = openDatabase(copy);
    versionOf(database, path);
    // Without files of its own beside it the copy can do without a name.
    database.exec('PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY; BEGIN IMMEDIATE; COMMIT');
    return database;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function copyLive(path: string, copy: string): void {
  const original = openDatabase(path, { readOnly: true });
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
