// Loads the SQL engine. Only this file loads its package, and only this file opens database files.
import { readFileSync } from 'node:fs';
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
  const libsql = load(() => loadDirectly() ?? (require('libsql') as Engine));
  if ('Engine' in libsql) {
    // libsql ignores the option `readonly` (0.5.29), but a URI has the intended effect.
    const name = access === 'write' ? path : `${pathToFileURL(path).href}?${QUERY[access]}`;
    return new libsql.Engine(name, { timeout: busyTimeout });
  }
  const better = load(() => require('better-sqlite3') as Engine);
  if ('Engine' in better) return new better.Engine(path, { timeout: busyTimeout, readonly: access !== 'write' });
  const advice = 'install "better-sqlite3" beside it (it is compiled at install)';
  throw new LedgerError(
    `${path}: no SQL engine for ${process.platform}-${process.arch}: ${messageOf(libsql.fault)}; ${advice}; the ledger was not opened`,
    { cause: libsql.fault },
  );
}

/** Both packages are CommonJS modules that export the class of a database. */
function load(required: () => Engine): { readonly Engine: Engine } | { readonly fault: unknown } {
  try {
    return { Engine: required() };
  } catch (fault) {
    return { fault };
  }
}

/** A module that `require` has loaded. */
interface Loaded {
  readonly id: string;
  readonly loaded: true;
  readonly exports: unknown;
}

/**
 * Loads libsql without its search for the right binary, which takes 8 of 15 ms: libsql asks process.report and reads programs of the system.
 * The two packages that search are replaced by their answers while libsql is loaded. Returns undefined when the answer is not known, or when
 * libsql cannot be loaded with it. Then libsql has to search itself.
 */
function loadDirectly(): Engine | undefined {
  const target = targetOf(process.arch, librariesHere());
  if (target === undefined) return undefined;
  const answers = {
    '@neon-rs/load': { currentTarget: () => target },
    'detect-libc': { GLIBC: 'glibc', MUSL: 'musl', familySync: () => 'glibc' },
  };
  const cache = require.cache as Record<string, Loaded | undefined>;
  const replaced: string[] = [];
  try {
    const within = createRequire(require.resolve('libsql'));
    for (const [name, exports] of Object.entries(answers)) {
      const id = within.resolve(name);
      if (cache[id]) return undefined;
      cache[id] = { id, loaded: true, exports };
      replaced.push(id);
    }
    return require('libsql') as Engine;
  } catch {
    return undefined;
  } finally {
    for (const id of replaced) delete cache[id];
  }
}

/** The target of libsql's binary (as in the name `@libsql/linux-x64-gnu`) for a program with glibc on Linux; undefined for any other program. */
export function targetOf(arch: string, libraries: string): string | undefined {
  const hasGlibc = libraries.includes('/libc.so.6') && !libraries.includes('/ld-musl-');
  return hasGlibc && (arch === 'x64' || arch === 'arm64') ? `linux-${arch}-gnu` : undefined;
}

/** The files that are mapped into this program (proc_pid_maps(5)); empty on a system without this list. */
function librariesHere(): string {
  try {
    return readFileSync('/proc/self/maps', 'latin1');
  } catch {
    return '';
  }
}
