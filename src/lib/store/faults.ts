// Turns errors of the engine and of the system into messages: the fault of the file, and advice for the operator.
import { closeSync, openSync } from 'node:fs';
import { errnoOf, LedgerError, messageOf, UnusableLedgerError } from '../../errors.ts';

/** Result codes for a damaged file. */
const DAMAGED = /^SQLITE_(?:NOTADB|CORRUPT)/;

/** Advice by result code (sqlite.org/rescode.html, errno(3)), for the codes that do not come from a bug in Trapline. */
const ADVICE: readonly (readonly [code: RegExp, advice: string])[] = [
  [/^SQLITE_FULL/, 'make room on its disk'],
  [/^SQLITE_(?:BUSY|LOCKED)/, 'end the program that holds it, such as an sqlite3 shell within a transaction'],
  [
    /^SQLITE_(?:READONLY|PERM|AUTH|CANTOPEN)|^E(?:ACCES|PERM|ROFS)$/,
    'run as root or as the user of the daemon, and check the owner of the file',
  ],
  [DAMAGED, 'it is damaged or not a ledger: move it away, or restore a copy of it'],
  [
    /^SQLITE_(?:IOERR|NOMEM|TOOBIG|PROTOCOL|NOLFS)|^E(?:IO|NOSPC|MFILE|NFILE|NOTDIR|ISDIR|NAMETOOLONG|DQUOT|EXIST|LOOP|NOENT)$/,
    'check its disk and path',
  ],
];

/** Primary result codes by number (sqlite.org/rescode.html), for extended codes that libsql (0.5.29) cannot name. */
const PRIMARY: Readonly<Record<number, string>> = {
  3: 'PERM',
  5: 'BUSY',
  6: 'LOCKED',
  7: 'NOMEM',
  8: 'READONLY',
  10: 'IOERR',
  11: 'CORRUPT',
  13: 'FULL',
  14: 'CANTOPEN',
  15: 'PROTOCOL',
  18: 'TOOBIG',
  23: 'AUTH',
  26: 'NOTADB',
};

/**
 * Names an unknown extended code by its primary code: `UNKNOWN_SQLITE_ERROR_1544` (SQLITE_READONLY_DIRECTORY) becomes `SQLITE_READONLY`.
 * Returns every other code unchanged.
 */
function named(code: string): string {
  const unknown = /^UNKNOWN_SQLITE_ERROR_(\d+)$/.exec(code)?.[1];
  const primary = unknown === undefined ? undefined : PRIMARY[Number(unknown) & 0xff];
  return primary === undefined ? code : `SQLITE_${primary}`;
}

/** The LedgerError for a thrown error. `what` names the operation that failed. An error that shows a bug is returned unchanged. */
export function faultOf(path: string, what: string, thrown: unknown): unknown {
  if (thrown instanceof LedgerError) return thrown;
  const cause = causeOf(path, thrown);
  const code = named(errnoOf(cause) ?? '');
  const advice = isForeignSchema(code, cause) ? FOREIGN_SCHEMA : ADVICE.find(([pattern]) => pattern.test(code))?.[1];
  if (advice === undefined) return thrown;
  const kind = advice === FOREIGN_SCHEMA || DAMAGED.test(code) ? UnusableLedgerError : LedgerError;
  return new kind(`${path}: ${what}: ${wordsOf(cause, code)}, ${advice}`, { cause });
}

/** True for the LedgerError of a file that another program has locked. */
export function isBusy(thrown: unknown): boolean {
  return thrown instanceof LedgerError && /^SQLITE_(?:BUSY|LOCKED)/.test(named(errnoOf(thrown.cause) ?? ''));
}

/** Advice for a file whose tables do not fit its version, because another program changed, removed or added something. */
const FOREIGN_SCHEMA = 'another program changed its tables: move it away, or restore a copy of it';

const OTHER_TABLES =
  /^no such (?:table|column|function|module): | has no column named | already exists$|^cannot modify \S+ because it is a view$|^malformed JSON|^bad JSON path|^integer overflow/;

/**
 * True for an error about a table or column that is missing or was changed, or about a constraint, index or trigger that no schema of Trapline
 * has. The message has to be examined, because the engine gives the code SQLITE_ERROR to many other faults too.
 */
function isForeignSchema(code: string, cause: unknown): boolean {
  return code === 'SQLITE_ERROR' ? OTHER_TABLES.test(messageOf(cause)) : /^SQLITE_(?:CONSTRAINT|MISMATCH)/.test(code);
}

/**
 * The message of an error with its code. Messages of the system already begin with the code. When a copy could not be made, the path of the
 * copy is left out.
 */
function wordsOf(cause: unknown, code: string): string {
  const message = messageOf(cause).replace(/ -> '[^']*'$/, '');
  return message.startsWith(`${code}: `) ? message : `${message} (${code})`;
}

/** Primary and extended codes of the engine for a file or folder that this user may not write to: READONLY and READONLY_DIRECTORY. */
const DENIED: ReadonlySet<string> = new Set(['SQLITE_READONLY', 'UNKNOWN_SQLITE_ERROR_1544']);

/** Returns the error that shows the reason. libsql has no code for a file that it cannot open, and no errno for a missing permission. */
function causeOf(path: string, thrown: unknown): unknown {
  if (messageOf(thrown).startsWith('ConnectionFailed')) return whyUnopened(path);
  if (!DENIED.has(errnoOf(thrown) ?? '')) return thrown;
  return Object.assign(new Error('this user may not write to it or to its folder', { cause: thrown }), { code: 'EACCES' });
}

/** Opens the file that the engine could not open, and returns the error of the system. */
function whyUnopened(path: string): unknown {
  try {
    closeSync(openSync(path, 'r+'));
  } catch (thrown) {
    return thrown;
  }
  return Object.assign(new Error('the engine cannot open it'), { code: 'SQLITE_CANTOPEN' });
}
