// Manages schemas and their versions. Each module (`room`) numbers the steps of its own tables. The table `schema_steps` of a file records
// the steps that the file has. An older file is brought up to date. A file of a newer program is refused.
import { cell, shownOf } from './cells.ts';
import { UnusableLedgerError } from '../../errors.ts';
import type { Database } from './driver.ts';
import { SharedTransaction, type Transaction } from './transaction.ts';

/** One step of a schema. A step on the main branch must not be edited, because existing files would keep the old form. */
export interface Step {
  /** Runs once, in one transaction with the other steps that a file lacks. It may take at most a second for a million hits. */
  readonly sql: string;
  /**
   * Fills new tables from old rows after the start. Each call fills one slice in about 10 ms, in its own transaction. It reads its progress
   * from the tables, because a restart may come between two calls. Returns true when there is more to fill.
   */
  readonly later?: (transaction: Transaction) => boolean;
}

/** The tables of one module (`room`), as steps numbered from 1. */
export interface Schema {
  readonly room: string;
  readonly steps: readonly Step[];
}

/** A step with the module that it belongs to and its number. */
export interface NumberedStep extends Step {
  readonly room: string;
  readonly number: number;
}

/** Marks a database file as a ledger of this program: `TRAP` (sqlite.org/fileformat2.html, application id). */
const APPLICATION_ID = 0x54524150;

/** The only step of release 0.1.0. That release recorded no steps, and its files have `user_version` 1. */
const RELEASED = { room: 'ledger', number: 1 };

const TABLE = `
  CREATE TABLE IF NOT EXISTS schema_steps ( -- which steps of which room were run; filled 0: its slices are not all run
    room TEXT NOT NULL,
    step INTEGER NOT NULL,
    filled INTEGER NOT NULL,
    PRIMARY KEY (room, step)
  ) WITHOUT ROWID`;

/** The newest version of a file: the number of steps of all modules. So the version grows with every step that is added. */
export function newestVersion(schemas: readonly Schema[]): number {
  return schemas.reduce((sum, { steps }) => sum + steps.length, 0);
}

/**
 * The version of a database: the number of steps that it has, 0 for an empty database. Changes nothing. Throws LedgerError when the database
 * belongs to another program or to a newer Trapline, or when its texts are not in UTF-8, as `cell` expects.
 */
export function versionOf(database: Database, path: string, schemas: readonly Schema[]): number {
  const version = numberOf(database, 'user_version');
  const application = numberOf(database, 'application_id');
  const isEmpty = database.prepare('SELECT 1 FROM sqlite_master LIMIT 1').get([]) === undefined;
  if (isEmpty && version === 0) return 0;
  if (application !== APPLICATION_ID) {
    throw new UnusableLedgerError(`${path}: a database of another program, name another file for the ledger; nothing was changed`);
  }
  const encoding = database.prepare('PRAGMA encoding').get([])?.['encoding'];
  if (encoding !== 'UTF-8') {
    const advice = 'rebuild it with "PRAGMA encoding = \'UTF-8\'"';
    throw new UnusableLedgerError(
      `${path}: holds its texts as ${String(encoding)} instead of UTF-8, ${advice}; nothing was changed`,
    );
  }
  const newest = newestVersion(schemas);
  const known = new Set(numbered(schemas).map(nameOf));
  const strange = [...recorded(database)].map(([name]) => name).find((name) => !known.has(name));
  if (version > newest || strange !== undefined) {
    const what =
      version > newest ? `schema ${version}, this program knows ${newest}` : `this program does not know the schema "${strange}"`;
    throw new UnusableLedgerError(`${path}: written by a newer Trapline (${what}), upgrade; nothing was changed`);
  }
  return version;
}

/**
 * Runs the steps that a database lacks, in one transaction. Returns the version that the database had before, and the steps that are not
 * filled yet. Throws LedgerError as `versionOf` does, and the errors of the engine. After an error, nothing is changed.
 */
export function migrate(
  database: Database,
  path: string,
  schemas: readonly Schema[],
): { readonly before: number; readonly unfilled: readonly NumberedStep[] } {
  const newest = newestVersion(schemas);
  let before = versionOf(database, path, schemas);
  if (before < newest) {
    database.exec('BEGIN IMMEDIATE');
    try {
      // The version is read again inside the transaction: another program may just have run the steps.
      before = versionOf(database, path, schemas);
      runMissing(database, schemas, before);
      database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${newest}; COMMIT`);
    } catch (thrown) {
      if (database.inTransaction) database.exec('ROLLBACK');
      throw thrown;
    }
  }
  const filled = recorded(database);
  return { before, unfilled: numbered(schemas).filter((step) => step.later && filled.get(nameOf(step)) === false) };
}

/** Records that all slices of a step were run. */
export function markFilled(transaction: Transaction, { room, number }: NumberedStep): void {
  transaction.run('UPDATE schema_steps SET filled = 1 WHERE room = ? AND step = ?', room, number);
}

/** Runs the steps that the file lacks. A file that was empty has no old rows, so nothing is left to fill. */
function runMissing(database: Database, schemas: readonly Schema[], before: number): void {
  database.exec(TABLE);
  const transaction = new SharedTransaction(database);
  const add = ({ room, number }: Pick<NumberedStep, 'room' | 'number'>, filled: boolean): void =>
    void transaction.run('INSERT INTO schema_steps (room, step, filled) VALUES (?, ?, ?)', room, number, filled ? 1 : 0);
  if (before === 1 && recorded(database).size === 0) add(RELEASED, true);
  const present = recorded(database);
  for (const step of numbered(schemas)) {
    if (present.has(nameOf(step))) continue;
    database.exec(step.sql);
    add(step, before === 0 || step.later === undefined);
  }
}

/** The steps that a database has, by name. The value is true for a step that is filled. */
function recorded(database: Database): ReadonlyMap<string, boolean> {
  const table = database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_steps'").get([]);
  if (!table) return new Map();
  const rows = database.prepare(`SELECT ${cell('room')}, ${cell('step')}, ${cell('filled')} FROM schema_steps`).all([]);
  return new Map(rows.map((row) => [nameOf({ room: shownOf(row['room']), number: Number(row['step']) }), row['filled'] === 1]));
}

function numbered(schemas: readonly Schema[]): readonly NumberedStep[] {
  return schemas.flatMap(({ room, steps }) => steps.map((step, index) => ({ ...step, room, number: index + 1 })));
}

function nameOf({ room, number }: { readonly room: string; readonly number: number }): string {
  return `${room} ${number}`;
}

function numberOf(database: Database, pragma: string): number {
  return Number(database.prepare(`PRAGMA ${pragma}`).get([])?.[pragma]);
}
