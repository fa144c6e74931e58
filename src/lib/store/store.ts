// An open database file with the tables of all modules. It runs transactions, and the work that schema steps have deferred until after the start.
import { errnoOf, LedgerError, messageOf } from '../../errors.ts';
import type { Cell, Database, Row, Statement } from './driver.ts';
import { faultOf } from './faults.ts';
import { openFile } from './file.ts';
import { Keeper } from './keeper/keeper.ts';
import { removeShelters } from './keeper/renewal.ts';
import { claimWriter, type Claim } from './lock.ts';
import { markFilled, type NumberedStep, type Schema } from './migrate.ts';
import { behindLinks } from './ownership.ts';
import { openForReading } from './reading.ts';
import { openSnapshot } from './snapshot.ts';
import { SharedTransaction, type Transaction } from './transaction.ts';

/** The codes of the engine for a page that it cannot understand. */
const DAMAGE = /^SQLITE_(?:CORRUPT|NOTADB)/;

/** How a store is opened. */
interface StoreOptions {
  /** The tables of all modules, including modules that are switched off. Without these, the file would count as the file of a newer program. */
  readonly schemas: readonly Schema[];
  /** Gets one line when an older schema was brought up to date, and when missing or damaged files were written anew. */
  readonly log: { notice(text: string): void; warn(text: string): void; error(text: string): void };
  /** `write` (the default): the file is made when it is missing. `read`: only queries. `rehearse`: a copy of the file, which `close` discards. */
  readonly access?: 'write' | 'read' | 'rehearse';
  /** How long a statement waits for another program that writes (milliseconds). Default: 5 seconds. */
  readonly busyTimeout?: number;
  /** True: claims the file until `close`, so that only this program writes to it. Has an effect only with the access `write`. Default: false. */
  readonly sole?: boolean;
  /** Called when removed or changed files have been written or opened anew. `isWhole` is false when rows may be missing. */
  readonly renewed?: (isWhole: boolean) => void;
}

/** A prepared statement. It throws a LedgerError when the file cannot be read or written. */
export interface Query {
  run(...values: readonly Cell[]): number;
  get(...values: readonly Cell[]): Row | undefined;
  all(...values: readonly Cell[]): readonly Row[];
}

/** An open database of the newest schema. A committed transaction survives a power cut (sqlite.org/pragma.html#pragma_synchronous). */
export class Store {
  readonly path: string;
  #database: Database;
  #shared: SharedTransaction;
  #unfilled: readonly NumberedStep[] = [];
  /** Checks the files before and after each write. Absent in memory, and with the access `read` or `rehearse`. */
  #keeper: Keeper | undefined;
  #claim: Claim | undefined;
  #open = true;

  private constructor(path: string, database: Database) {
    this.path = path;
    this.#database = database;
    this.#shared = new SharedTransaction(database);
  }

  /** Opens the file of this name. `:memory:` makes a new store in memory. Throws LedgerError. After an error, nothing is changed. */
  static open(name: string, options: StoreOptions): Store {
    const { schemas, access = 'write' } = options;
    let path = name;
    try {
      path = behindLinks(name);
      if (access === 'read') return new Store(path, openForReading(path, schemas));
      if (access === 'rehearse' || path === ':memory:') return new Store(path, openSnapshot(path, schemas));
      return Store.#openFile(path, options);
    } catch (thrown) {
      throw faultOf(path, 'cannot be opened', thrown);
    }
  }

  static #openFile(path: string, options: StoreOptions): Store {
    const claim = options.sole ? claimWriter(path, options.busyTimeout) : undefined;
    try {
      if (claim) removeShelters(path);
      const { database, unfilled } = openFile(path, options);
      const store = new Store(path, database);
      store.#claim = claim;
      store.#unfilled = unfilled;
      store.#keeper = store.#newKeeper(options);
      return store;
    } catch (thrown) {
      claim?.takeBack();
      throw thrown;
    }
  }

  /** Prepares one statement. */
  prepare(sql: string): Query {
    let database = this.#database;
    let statement = this.#attempt(() => database.prepare(sql));
    /** Returns the statement. Prepares it again when the connection has been replaced. */
    const present = (): Statement => {
      if (database === this.#database) return statement;
      statement = this.#database.prepare(sql);
      database = this.#database;
      return statement;
    };
    return {
      run: (...values) => this.#attempt(() => present().run(values).changes),
      get: (...values) => this.#attempt(() => present().get(values)),
      all: (...values) => this.#attempt(() => present().all(values)),
    };
  }

  /** Prepares all statements of a table, by name. */
  prepareAll<Name extends string>(sql: Readonly<Record<Name, string>>): Readonly<Record<Name, Query>> {
    const names = Object.keys(sql) as Name[];
    return Object.fromEntries(names.map((name) => [name, this.prepare(sql[name])])) as Record<Name, Query>;
  }

  /** Runs `work` in one durable transaction, after a call of `look`. When `work` throws, nothing is written. */
  transaction<T>(work: (transaction: Transaction) => T): T {
    this.look();
    this.#exec('BEGIN IMMEDIATE');
    try {
      const result = work(this.#shared);
      this.#exec('COMMIT');
      return result;
    } catch (thrown) {
      this.#rollBack();
      throw thrown;
    } finally {
      this.#keeper?.written();
    }
  }

  /** Writes missing or replaced files anew with the rows that the engine can still read. Takes a missing lock again. Throws LedgerError. */
  look(): void {
    if (!this.#open) return;
    this.#keeper?.look();
    this.#claim?.look();
  }

  /** Runs `work` inside the open transaction. When it throws, its rows are rolled back. After a full disk, the whole transaction may be ended. */
  savepoint(work: (transaction: Transaction) => void): void {
    this.#exec('SAVEPOINT part');
    try {
      work(this.#shared);
    } catch (thrown) {
      if (this.isInTransaction) this.#exec('ROLLBACK TO part; RELEASE part');
      // The constraint belongs to a table of the caller, so its violation is an error of the caller and no LedgerError.
      throw errnoOf(thrown)?.startsWith('SQLITE_CONSTRAINT') ? thrown : faultOf(this.path, 'cannot be read or written', thrown);
    }
    this.#exec('RELEASE part');
  }

  /** A number that changes whenever another program has committed to the file. Throws LedgerError. */
  foreignVersion(): number {
    return this.#pragma('data_version');
  }

  /** False after `close`. */
  get isOpen(): boolean {
    return this.#open;
  }

  /** True while a transaction is open. */
  get isInTransaction(): boolean {
    return this.#database.inTransaction;
  }

  /**
   * Runs one slice of the work that schema steps have deferred until after the start. Returns true when there is more. After a LedgerError,
   * the next call repeats the slice. After any other error, the step waits until the file is opened again.
   */
  fill(): boolean {
    const [step, ...rest] = this.#unfilled;
    if (!step) return false;
    try {
      const hasMore = this.transaction((transaction) => {
        const more = this.#attempt(() => step.later?.(transaction) ?? false);
        if (!more) markFilled(transaction, step);
        return more;
      });
      if (!hasMore) this.#unfilled = rest;
    } catch (thrown) {
      if (thrown instanceof LedgerError) throw thrown;
      this.#unfilled = rest;
      throw new Error(`schema step "${step.room} ${step.number}": ${messageOf(thrown)}`, { cause: thrown });
    }
    return this.#unfilled.length > 0;
  }

  /**
   * Gives at most `pages` free pages back to the disk, when more than `spare` and more than a twentieth of the file are free. Returns true
   * when more than `spare` pages remain free, so that another call is useful.
   */
  shrink(spare: number, pages: number): boolean {
    const free = this.#pragma('freelist_count');
    if (free <= Math.max(spare, this.#pragma('page_count') / 20)) return false;
    this.#exec(`PRAGMA incremental_vacuum(${pages})`);
    this.#keeper?.written();
    return free - pages > spare;
  }

  /** Moves the write-ahead log into the file, and closes the file. A second call does nothing. */
  close(): void {
    if (!this.#open) return;
    try {
      this.look();
      // libsql closes the file only when its statements are garbage-collected, so the write-ahead log is emptied now, if the file is not busy.
      this.#database.exec('PRAGMA busy_timeout = 100; PRAGMA wal_checkpoint(TRUNCATE)');
    } catch {
      // The log stays beside the file, and is read at the next opening.
    }
    this.#open = false;
    this.#database.close();
    this.#claim?.release();
  }

  #newKeeper(options: StoreOptions): Keeper {
    const { path } = this;
    const { schemas, log, renewed = () => {} } = options;
    const reopen = (): void => {
      const { database } = openFile(path, options);
      const before = this.#database;
      this.#database = database;
      this.#shared = new SharedTransaction(database);
      before.close();
    };
    return new Keeper({ path, schemas, log, database: () => this.#database, reopen, renewed });
  }

  #exec(sql: string): void {
    this.#attempt(() => this.#database.exec(sql));
  }

  #attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (thrown) {
      if (DAMAGE.test(errnoOf(thrown) ?? '')) this.#keeper?.damaged();
      throw faultOf(this.path, 'cannot be read or written', thrown);
    }
  }

  #pragma(name: string): number {
    return Number(this.prepare(`PRAGMA ${name}`).get()?.[name]);
  }

  #rollBack(): void {
    try {
      // After a full disk or an input/output error the engine may have rolled back already.
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK');
    } catch {
      // The caller throws the first error, which is the cause.
    }
  }
}
