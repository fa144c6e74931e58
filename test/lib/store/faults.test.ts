import { describe, expect, it } from 'vitest';
import { LedgerError } from '../../../src/errors.ts';
import { faultOf } from '../../../src/lib/store/faults.ts';

const thrown = (code: string): Error => Object.assign(new Error('attempt to write a readonly database'), { code });

describe('an error', () => {
  it.each([
    ['UNKNOWN_SQLITE_ERROR_1032', 'SQLITE_READONLY'],
    ['UNKNOWN_SQLITE_ERROR_8458', 'SQLITE_IOERR'],
  ])('%s of SQLite becomes a LedgerError with advice', (code, shown) => {
    const fault = faultOf('/a.db', 'cannot be opened', thrown(code));
    expect(fault).toBeInstanceOf(LedgerError);
    expect((fault as Error).message).toMatch(new RegExp(`^/a.db: cannot be opened: .* \\(${shown}\\), `));
  });

  it.each(['SQLITE_READONLY', 'UNKNOWN_SQLITE_ERROR_1544'])('%s of SQLite becomes a missing permission', (code) => {
    expect(faultOf('/a.db', 'cannot be opened', thrown(code))).toMatchObject({
      exitCode: 77,
      message:
        '/a.db: cannot be opened: this user may not write to it or to its folder (EACCES), run as root or as the user of the daemon, and check the owner of the file',
    });
  });

  it.each([
    ['SQLITE_NOTADB', 'file is not a database', 72],
    ['SQLITE_CORRUPT', 'database disk image is malformed', 72],
    ['SQLITE_ERROR', 'no such table: bans', 72],
    ['SQLITE_FULL', 'database or disk is full', 69],
    ['SQLITE_BUSY', 'database is locked', 69],
    ['SQLITE_IOERR', 'disk I/O error', 69],
  ])('C9: %s has the exit code of a ledger that no new attempt can open only if it is damaged', (code, message, exitCode) => {
    const fault = faultOf('/a.db', 'cannot be opened', Object.assign(new Error(message), { code }));
    expect(fault).toBeInstanceOf(LedgerError);
    expect(fault).toMatchObject({ exitCode });
  });

  it('of the system keeps its text, without the path of a copy', () => {
    const denied = Object.assign(new Error("EACCES: permission denied, copyfile '/a.db' -> '/tmp/x/copy.db'"), { code: 'EACCES' });
    expect(faultOf('/a.db', 'cannot be opened', denied)).toMatchObject({
      exitCode: 77,
      message:
        "/a.db: cannot be opened: EACCES: permission denied, copyfile '/a.db', run as root or as the user of the daemon, and check the owner of the file",
    });
  });

  it.each([
    ['SQLITE_CONSTRAINT_TRIGGER', 'not here'],
    ['SQLITE_CONSTRAINT_UNIQUE', 'UNIQUE constraint failed: hits.address'],
    ['SQLITE_MISMATCH', 'datatype mismatch'],
    ['SQLITE_ERROR', 'malformed JSON'],
    ['SQLITE_ERROR', 'no such function: wise'],
  ])('%s, %s, comes from a constraint, index or trigger of another program', (code, message) => {
    const fault = faultOf('/a.db', 'cannot be read or written', Object.assign(new Error(message), { code }));
    expect(fault).toBeInstanceOf(LedgerError);
    expect((fault as Error).message).toContain(`${message} (${code}), another program changed its tables`);
  });

  it.each(['SQLITE_MISUSE', 'UNKNOWN_SQLITE_ERROR_1', 'UNKNOWN_SQLITE_ERROR_4243'])(
    '%s of SQLite is a bug, and remains unchanged',
    (code) => {
      const bug = thrown(code);
      expect(faultOf('/a.db', 'cannot be opened', bug)).toBe(bug);
    },
  );
});
