// Writes the rows of an open database to a new file, after its files were deleted, replaced or damaged.
import {
  chmodSync,
  closeSync,
  fsyncSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { makeFolders } from '../../files/folders.ts';
import { cell, textOf } from '../cells.ts';
import { openDatabase, type Cell, type Database, type Row } from '../driver.ts';
import { migrate, newestVersion, versionOf, type Schema } from '../migrate.ts';
import { giveToFolderOwner } from '../ownership.ts';
import type { Presence } from './presence.ts';

/** The number of rows that are read together from a damaged table. When this fails, the rows before the unreadable page are read one by one. */
const TOGETHER = 100;

/** The name of the folder in which the new file is made begins with the path of the database, followed by this text. */
const SHELTER = '-new-';

/** The result of `renew`. */
interface Renewed {
  /** True when no row was lost. */
  readonly isWhole: boolean;
  /** The new path of a foreign file that was found in place of the database. Undefined: there was no such file. */
  readonly found: string | undefined;
}

/**
 * Writes the rows that the connection can still read to a new file at `path`, and makes them durable. A foreign file that is found at `path`
 * is renamed to `PATH.found`. Afterwards the connection may only be closed: the engine notices that its file was moved, and does not touch
 * the files of the new database. Throws the errors of the engine and the system. Until the last steps, which rename files, an error leaves
 * all files unchanged.
 */
export function renew(database: Database, path: string, schemas: readonly Schema[], presence: Presence): Renewed {
  const folder = dirname(path);
  makeFolders(folder, 0o750);
  // The new file is made in a new folder, which only this user may enter. In the folder of the database, the engine could follow a symbolic
  // link that another user has made.
  const shelter = mkdtempSync(`${path}${SHELTER}`);
  try {
    const fresh = join(shelter, 'new.db');
    const isWhole = copyWhole(database, fresh, schemas) || copyReadable(database, fresh, schemas);
    chmodSync(fresh, presence.mode === 0 ? 0o640 : presence.mode | 0o600);
    sync(fresh);
    const found = putAside(path, presence);
    renameSync(fresh, path);
    sync(folder);
    giveToFolderOwner(path);
    return { isWhole, found };
  } finally {
    rmSync(shelter, { recursive: true, force: true });
  }
}

/** Removes the folders that a killed renewal has left behind. Only the sole writer may call this, before it opens the file. */
export function removeShelters(path: string): void {
  const folder = dirname(path);
  const left = readdirSync(folder).filter((name) => name.startsWith(`${basename(path)}${SHELTER}`));
  for (const name of left) rmSync(join(folder, name), { recursive: true, force: true });
}

/**
 * True when the file is an undamaged database of these schemas. A new connection reads all pages from the file. An empty file is not opened,
 * because the engine would delete the write-ahead log beside it.
 */
export function isSound(path: string, schemas: readonly Schema[]): boolean {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0) return false;
  let database: Database | undefined;
  try {
    database = openDatabase(path, 'read');
    if (versionOf(database, path, schemas) !== newestVersion(schemas)) return false;
    return database.prepare('PRAGMA quick_check(1)').get([])?.['quick_check'] === 'ok';
  } catch {
    return false;
  } finally {
    database?.close();
  }
}

/** Copies every row, including the rows in the write-ahead log. When a page cannot be read, deletes the copy and returns false. */
function copyWhole(database: Database, fresh: string, schemas: readonly Schema[]): boolean {
  try {
    database.prepare('VACUUM INTO ?').run([fresh]);
    if (isSound(fresh, schemas)) return true;
  } catch (thrown) {
    // If the disk is full, `copyReadable` fails too and reports it.
    void thrown;
  }
  rmSync(fresh, { force: true });
  return false;
}

/** Copies the rows that can be read to an empty database. Always returns false, because rows may be missing. */
function copyReadable(database: Database, fresh: string, schemas: readonly Schema[]): false {
  const target = openDatabase(fresh);
  try {
    target.exec('PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = MEMORY');
    migrate(target, fresh, schemas);
    target.exec('BEGIN IMMEDIATE');
    const tables = target.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name != 'schema_steps'").all([]);
    for (const { name } of tables) copyTable(database, target, String(name));
    target.exec('COMMIT');
    return false;
  } finally {
    target.close();
  }
}

function copyTable(database: Database, target: Database, table: string): void {
  const columns = target
    .prepare('SELECT name FROM pragma_table_info(?)')
    .all([table])
    .map((row) => String(row['name']));
  const places = columns.map(() => '?').join(', ');
  const insert = target.prepare(`INSERT OR IGNORE INTO ${table} (${columns.join(', ')}) VALUES (${places})`);
  for (const row of readable(database, table, columns)) {
    const cells = columns.map((column) => cellOf(row[column]));
    // A damaged row may hold values of other types, which the driver cannot bind.
    if (cells.every((each) => each !== undefined)) insert.run(cells);
  }
}

/**
 * Yields the rows of a table in order, up to the first unreadable row. Then yields the rows from the last one backwards, up to an unreadable
 * row.
 */
function* readable(database: Database, table: string, columns: readonly string[]): Generator<Row> {
  const read = columns.map((column) => cell(column, { longest: -1 })).join(', ');
  const isKeyed = attempt(() => database.prepare(`SELECT rowid FROM ${table} LIMIT 0`)) !== undefined;
  if (!isKeyed) return yield* attempt(() => database.prepare(`SELECT ${read} FROM ${table}`).all([])) ?? [];
  const forward = ['> ? ORDER BY rowid', Number.MIN_SAFE_INTEGER] as const;
  const backward = ['< ? ORDER BY rowid DESC', Number.MAX_SAFE_INTEGER] as const;
  for (const [order, begin] of [forward, backward]) {
    let at: number = begin;
    for (const limit of [TOGETHER, 1]) {
      const some = (): readonly Row[] =>
        database.prepare(`SELECT rowid AS "row id", ${read} FROM ${table} WHERE rowid ${order} LIMIT ${limit}`).all([at]);
      let rows = attempt(some);
      for (; rows && rows.length > 0; rows = attempt(some)) {
        yield* rows;
        at = Number(rows.at(-1)?.['row id']);
      }
      if (rows) return; // All rows have been read.
    }
  }
}

/** Runs a query. Returns undefined when the query fails because a page cannot be read. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** The value of a cell; undefined for bytes and for text that is not UTF-8. */
function cellOf(value: unknown): Cell | undefined {
  if (typeof value === 'number') return value === -Infinity ? undefined : value;
  return value === null ? null : textOf(value);
}

/**
 * Renames or deletes the files that have the names of the new database. If the old write-ahead log stayed, the engine would apply it to the
 * new database. Returns the new path of a foreign file.
 */
function putAside(path: string, presence: Presence): string | undefined {
  const isForeign = lstatSync(path, { throwIfNoEntry: false }) !== undefined && !presence.isOwn('');
  for (const suffix of ['-wal', '-shm'] as const) {
    if (presence.isOwn(suffix) || !isForeign) rmSync(`${path}${suffix}`, { force: true });
    else renameSync(`${path}${suffix}`, `${path}.found${suffix}`);
  }
  if (!isForeign) return undefined;
  renameSync(path, `${path}.found`);
  return `${path}.found`;
}

/** Makes a file, or the entries of a folder, durable. */
function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}
