// The SQL engine: the one place that knows which package it comes from. Under everything else of the ledger.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type Libsql from 'libsql';
import { LedgerError, messageOf } from '../../errors.ts';

/** What a column holds here. Numbers are whole and below 2^53. */
export type Value = string | number | null;

/** A row by column name. */
export type Row = Readonly<Record<string, Value | undefined>>;

/** A prepared statement; parameters are bound by position. */
export interface Statement {
  run(values: readonly Value[]): { readonly changes: number };
  get(values: readonly Value[]): Row | undefined;
  all(values: readonly Value[]): readonly Row[];
}

/** An open database, as better-sqlite3 made the interface and libsql took it over. */
export interface Database {
  readonly inTransaction: boolean;
  prepare(sql: string): Statement;
  exec(sql: string): unknown;
  close(): unknown;
}

type Engine = new (path: string, options: Parameters<typeof Libsql>[1]) => Database;

/** How long a statement waits for another program that writes (milliseconds). */
const BUSY_TIMEOUT = 5000;

const require = createRequire(import.meta.url);

/**
 * Opens a database file, or `:memory:`. `readOnly`: the file exists and is not written. Throws what the engine throws, or LedgerError
 * when there is no engine: libsql has no binary for the BSDs, there better-sqlite3 takes its place when it is installed.
 */
export function openDatabase(path: string, options: { readonly readOnly?: boolean; readonly busyTimeout?: number } = {}): Database {
  const timeout = options.busyTimeout ?? BUSY_TIMEOUT;
  const readonly = options.readOnly ?? false;
  const libsql = load('libsql');
  if ('Engine' in libsql) {
    // libsql does not read the option `readonly` (0.5.29); the URI does the same.
    return new libsql.Engine(readonly ? `${pathToFileURL(path).href}?mode=ro` : path, { timeout });
  }
  const better = load('better-sqlite3');
  if ('Engine' in better) return new better.Engine(path, { timeout, readonly });
  const advice = 'install "better-sqlite3" beside it (it is compiled at install)';
  throw new LedgerError(
    `${path}: no SQL engine for ${process.platform}-${process.arch}: ${messageOf(libsql.fault)}; ${advice}; the ledger was not opened`,
    { cause: libsql.fault },
  );
}

/** Both packages are CommonJS and export the class of a database. */
function load(name: 'libsql' | 'better-sqlite3'): { readonly Engine: Engine } | { readonly fault: unknown } {
  try {
    return { Engine: require(name) as Engine };
  } catch (fault) {
    return { fault };
  }
}
