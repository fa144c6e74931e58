// Loads the SQL engine. Only this file loads its package, and only this file opens database files.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type Libsql from 'libsql';
import { LedgerError, messageOf } from '../../errors.ts';

/**
 * One value of a row. Numbers are whole and below 2^53; libsql binds them as REAL, so their columns have to be declared INTEGER. Binary values
 * are not allowed: libsql 0.5.29 aborts the whole process when a Buffer of a few bytes is bound.
 */
export type Cell = string | number | null;

/** A row by column name. */
export type Row = Readonly<Record<string, Cell | undefined>>;

/** A prepared statement; parameters are bound by position. */
export interface Statement {
  run(values: readonly Cell[]): { readonly changes: number };
  get(values: readonly Cell[]): Row | undefined;
  all(values: readonly Cell[]): readonly Row[];
}

/** An open database, with the interface of better-sqlite3, which libsql copies. */
export interface Database {
  readonly inTransaction: boolean;
  prepare(sql: string): Statement;
  exec(sql: string): unknown;
  close(): unknown;
}

/**
 * How a file is opened. `write`: for queries and changes. `read`: for queries only; other programs may write meanwhile. `frozen`: for queries
 * only and without locks; no program may write to the file meanwhile (sqlite.org/uri.html, `immutable`).
 */
export type Access = 'write' | 'read' | 'frozen';

type Engine = new (path: string, options: Parameters<typeof Libsql>[1]) => Database;

/** By default a statement waits this long for another program that writes (milliseconds). */
export const BUSY_TIMEOUT = 5000;

const QUERY: Readonly<Record<Exclude<Access, 'write'>, string>> = { read: 'mode=ro', frozen: 'mode=ro&immutable=1' };

const require = createRequire(import.meta.url);

/**
 * Opens a database file, or `:memory:`. Throws the errors of the engine, or LedgerError when there is no engine. libsql has no binary for the
 * BSDs. There, better-sqlite3 is used if it is installed. It opens `frozen` files as `read`. A statement waits `busyTimeout` milliseconds for
 * another program that writes.
 */
export function openDatabase(path: string, access: Access = 'write', busyTimeout = BUSY_TIMEOUT): Database {
  const libsql = load('libsql');
  if ('Engine' in libsql) {
    // libsql ignores the option `readonly` (0.5.29), but a URI has the intended effect.
    const name = access === 'write' ? path : `${pathToFileURL(path).href}?${QUERY[access]}`;
    return new libsql.Engine(name, { timeout: busyTimeout });
  }
  const better = load('better-sqlite3');
  if ('Engine' in better) return new better.Engine(path, { timeout: busyTimeout, readonly: access !== 'write' });
  const advice = 'install "better-sqlite3" beside it (it is compiled at install)';
  throw new LedgerError(
    `${path}: no SQL engine for ${process.platform}-${process.arch}: ${messageOf(libsql.fault)}; ${advice}; the ledger was not opened`,
    { cause: libsql.fault },
  );
}

/** Both packages are CommonJS modules that export the class of a database. */
function load(name: 'libsql' | 'better-sqlite3'): { readonly Engine: Engine } | { readonly fault: unknown } {
  try {
    return { Engine: require(name) as Engine };
  } catch (fault) {
    return { fault };
  }
}
