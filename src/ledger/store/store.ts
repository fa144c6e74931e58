// The file of the ledger: opening, who may read it, transactions, and errors in words. Under the tables of the ledger.
import { chmodSync, closeSync, existsSync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { errnoOf, LedgerError, messageOf } from '../../errors.ts';
import { makeFolders } from '../../lib/files/folders.ts';
import type { Log } from '../../types.ts';
import { openDatabase, type Database, type Row, type Value } from './driver.ts';
import { giveToFolderOwner, refuseLink } from './ownership.ts';
import { migrate, STEPS, versionOf } from './schema.ts';
import { openSnapshot } from './snapshot.ts';

/** How a store is opened. */
export interface StoreOptions {
  readonly log: Log;
  /** A snapshot of the file (an empty store when there is none): it can be written like any other, and all of it is gone at close. */
  readonly readOnly?: boolean;
  readonly busyTimeout?: number;
}

/** A statement whose faults are LedgerErrors. */
export interface Query {
  run(...values: readonly Value[]): number;
  get(...values: readonly Value[]): Row | undefined;
  all(...values: readonly Value[]): readonly Row[];
}

/**
 * An open database of the current schema. Write-ahead log with full synchronisation: what a transaction wrote is there after a power
 * cut (sqlite.org/pragma.html#pragma_synchronous).
 */
export class Store {
  readonly path: string;
  readonly #database: Database;
  #open = true;

  private constructor(path: string, database: Database) {
    this.path = path;
    this.#database = database;
  }

  /** Opens or makes the file, its folder included. `:memory:` is a store of its own. Throws LedgerError; nothing is changed then. */
  static open(path: string, options: StoreOptions): Store {
    try {
      if (options.readOnly || path === ':memory:') return new Store(path, openSnapshot(path));
      return new Store(path, openFile(path, options));
    } catch (thrown) {
      throw faultOf(path, 'cannot be opened', thrown);
    }
  }

  prepare(sql: string): Query {
    const statement = this.attempt(() => this.#database.prepare(sql));
    return {
      run: (...values) => this.attempt(() => statement.run(values).changes),
      get: (...values) => this.attempt(() => statement.get(values)),
      all: (...values) => this.attempt(() => statement.all(values)),
    };
  }

  /** Statements without parameters or results. */
  exec(sql: string): void {
    this.attempt(() => this.#database.exec(sql));
  }

  /** Runs `work` in one durable transaction: all of it is written, or, when it throws, nothing. */
  transaction<T>(work: () => T): T {
    this.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.exec('COMMIT');
      return result;
    } catch (thrown) {
      this.#rollBack();
      throw thrown;
    }
  }

  /**
   * Gives at most `pages` free pages back to the disk, when more than `spare` and a twentieth of the file are free. Returns whether
   * there are more.
   */
  shrink(spare: number, pages: number): boolean {
    const free = this.#pragma('freelist_count');
    if (free <= Math.max(spare, this.#pragma('page_count') / 20)) return false;
    this.exec(`PRAGMA incremental_vacuum(${pages})`);
    return free - pages > spare;
  }

  /** Empties the write-ahead log into the file and closes it. A second call does nothing. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    try {
      // libsql closes for good only when its statements are collected, so the write-ahead log is emptied here, but not waited for.
      this.#database.exec('PRAGMA busy_timeout = 100; PRAGMA wal_checkpoint(TRUNCATE)');
    } catch {
      // The log stays beside the file, and is read at the next opening.
    }
    this.#database.close();
  }

  attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (thrown) {
      throw faultOf(this.path, 'cannot be read or written', thrown);
    }
  }

  #pragma(name: string): number {
    return Number(this.prepare(`PRAGMA ${name}`).get()?.[name]);
  }

  #rollBack(): void {
    try {
      // After a full disk or an input/output error the engine may have rolled back itself.
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK');
    } catch {
      // The fault that led here says more.
    }
  }
}

function openFile(path: string, { log, busyTimeout }: StoreOptions): Database {
  const folder = dirname(path);
  makeFolders(folder, 0o750);
  refuseLink(path);
  if (!existsSync(path)) makeFile(path, folder);
  giveToFolderOwner(path);
  const database = openDatabase(path);
  try {
    // Has an effect on an empty database only: afterwards freed pages can be given back.
    if (versionOf(database, path) === 0) database.exec('PRAGMA auto_vacuum = INCREMENTAL');
    const before = migrate(database, path);
    if (before > 0 && before < STEPS.length) log.notice(`${path}: brought from schema ${before} to ${STEPS.length}`);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 16777216');
    // Not before: opening has more patience than what comes after it may have.
    if (busyTimeout !== undefined) database.exec(`PRAGMA busy_timeout = ${busyTimeout}`);
    giveToFolderOwner(path);
    return database;
  } catch (thrown) {
    database.close();
    throw thrown;
  }
}

/** Makes the empty file, readable by its group, and its entry in the folder lasting. */
function makeFile(path: string, folder: string): void {
  closeSync(openSync(path, 'a', 0o640));
  chmodSync(path, 0o640);
  const entry = openSync(folder, 'r');
  fsyncSync(entry);
  closeSync(entry);
}

/** What to do about the result codes of sqlite.org/rescode.html that are not bugs of this program. */
const ADVICE: readonly (readonly [code: RegExp, advice: string])[] = [
  [/^SQLITE_FULL/, 'make room on its disk'],
  [/^SQLITE_(?:BUSY|LOCKED)/, 'end the program that holds it, such as an sqlite3 shell within a transaction'],
  [
    /^SQLITE_(?:READONLY|PERM|AUTH|CANTOPEN)|^E(?:ACCES|PERM|ROFS)$/,
    'run as root or as the user of the daemon, and look at who owns it',
  ],
  [/^SQLITE_(?:NOTADB|CORRUPT)/, 'it is damaged or no ledger: move it away, or put a copy in its place'],
  [
    /^SQLITE_(?:IOERR|NOMEM|TOOBIG|PROTOCOL|NOLFS)|^E(?:IO|NOSPC|MFILE|NFILE|NOTDIR|ISDIR|NAMETOOLONG|DQUOT|EXIST|LOOP|NOENT)$/,
    'look at its disk and path',
  ],
];

function faultOf(path: string, what: string, thrown: unknown): unknown {
  if (thrown instanceof LedgerError) return thrown;
  // libsql gives no code, and the text of its own wrapper, when it cannot open a file at all.
  const cause = messageOf(thrown).startsWith('ConnectionFailed') ? whyUnopened(path) : thrown;
  const code = errnoOf(cause) ?? '';
  const advice = ADVICE.find(([pattern]) => pattern.test(code))?.[1];
  if (advice === undefined) return thrown;
  return new LedgerError(`${path}: ${what}: ${messageOf(cause)} (${code}), ${advice}`, { cause });
}

/** What the system says to the file that the engine could not open. */
function whyUnopened(path: string): unknown {
  try {
    closeSync(openSync(path, 'r+'));
  } catch (thrown) {
    return thrown;
  }
  return Object.assign(new Error('the engine cannot open it'), { code: 'SQLITE_CANTOPEN' });
}
