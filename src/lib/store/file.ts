// Opens the file of a store for writing: makes it when it is missing, and brings it to the newest schema.
import { chmodSync, closeSync, existsSync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { errnoOf } from '../../errors.ts';
import { makeFolders } from '../files/folders.ts';
import { BUSY_TIMEOUT, openDatabase, type Database } from './driver.ts';
import { migrate, newestVersion, versionOf, type NumberedStep, type Schema } from './migrate.ts';
import { giveToFolderOwner, refuseLink } from './ownership.ts';

/** How the file is opened. */
export interface FileOptions {
  readonly schemas: readonly Schema[];
  readonly log: { notice(text: string): void };
  /** How long a statement waits for another program that writes (milliseconds). Default: 5 seconds. */
  readonly busyTimeout?: number;
}

/** An open file, and the schema steps that are not filled yet (see `later` of Step). */
interface OpenedFile {
  readonly database: Database;
  readonly unfilled: readonly NumberedStep[];
}

/** Opens the file for writing. If needed, makes it, and brings it to the newest schema. Throws LedgerError, or the error of engine or system. */
export function openFile(path: string, { schemas, log, busyTimeout }: FileOptions): OpenedFile {
  const folder = dirname(path);
  makeFolders(folder, 0o750);
  refuseLink(path);
  if (!existsSync(path)) makeFile(path, folder);
  giveToFolderOwner(path);
  const database = openDatabase(path, 'write', busyTimeout);
  try {
    // With this setting, freed pages can be given back to the disk. It has an effect only on an empty database.
    if (versionOf(database, path, schemas) === 0) database.exec('PRAGMA auto_vacuum = INCREMENTAL');
    const { before, unfilled } = migrate(database, path, schemas);
    refuseReadOnly(database, busyTimeout);
    const newest = newestVersion(schemas);
    if (before > 0 && before < newest) log.notice(`${path}: brought from schema ${before} to ${newest}`);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 16777216');
    giveToFolderOwner(path);
    return { database, unfilled };
  } catch (thrown) {
    database.close();
    throw thrown;
  }
}

/** Throws the error of the engine when it may only read the file. The engine opens such a file without an error, and would never write to it. */
function refuseReadOnly(database: Database, busyTimeout = BUSY_TIMEOUT): void {
  database.exec('PRAGMA busy_timeout = 0');
  try {
    database.exec('BEGIN; DELETE FROM schema_steps WHERE 0; ROLLBACK');
  } catch (thrown) {
    // Another program writes, so the file can be written.
    if (errnoOf(thrown) !== 'SQLITE_BUSY') throw thrown;
    database.exec('ROLLBACK');
  } finally {
    database.exec(`PRAGMA busy_timeout = ${busyTimeout}`);
  }
}

/** Makes an empty file that its group can read, and makes its entry in the folder durable. */
function makeFile(path: string, folder: string): void {
  closeSync(openSync(path, 'a', 0o640));
  chmodSync(path, 0o640);
  const entry = openSync(folder, 'r');
  fsyncSync(entry);
  closeSync(entry);
}
