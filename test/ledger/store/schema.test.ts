import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LedgerError } from '../../../src/errors.ts';
import { openDatabase } from '../../../src/ledger/store/driver.ts';
import { migrate, STEPS } from '../../../src/ledger/store/schema.ts';
import { NOON } from '../../support/decision-words.ts';
import { banned, LedgerFile } from '../../support/ledger-file.ts';

let file: LedgerFile;

beforeEach(() => {
  file = new LedgerFile();
});
afterEach(() => file.remove());

/** The steps of an imagined history: the first as it is, and one that adds a column. */
const OLD = STEPS.slice(0, 1);
const NEW = [...OLD, "ALTER TABLE bans ADD COLUMN country TEXT; UPDATE bans SET country = 'XX'"];

const faultOf = (work: () => unknown): string => {
  try {
    work();
  } catch (thrown) {
    return thrown instanceof LedgerError ? thrown.message.replaceAll(file.folder, 'FOLDER') : String(thrown);
  }
  return 'no fault';
};

/** A store of the first schema with one ban in it, made without this program. */
function handmade(): void {
  file.shell(`
    ${STEPS[0]}
    INSERT INTO bans VALUES ('192.0.2.7/32', 'spamtrap', '4000000000000000000000000c0000207', '4000000000000000000000000c0000207',
      ${NOON}, NULL, 3, 'log', 'recipient', 0);
    PRAGMA application_id = 1414676816; PRAGMA user_version = 1;`);
}

describe('migrate', () => {
  it('brings an older store up to date and keeps what is in it', () => {
    handmade();
    const database = openDatabase(file.path);
    expect(migrate(database, file.path, NEW)).toBe(1);
    expect(database.prepare('SELECT network, offence, country FROM bans').all([])).toMatchObject([
      { network: '192.0.2.7/32', offence: 3, country: 'XX' },
    ]);
    expect(migrate(database, file.path, NEW)).toBe(2);
    database.close();
  });

  it('changes nothing when a step fails', () => {
    handmade();
    const database = openDatabase(file.path);
    expect(faultOf(() => migrate(database, file.path, [...NEW, 'DROP TABLE missing']))).toContain('no such table: missing');
    expect(file.shell('PRAGMA user_version; SELECT * FROM bans')).toMatch(/^1\n192\.0\.2\.7\/32\|[^X]*$/);
    expect(migrate(database, file.path, NEW)).toBe(1);
    database.close();
  });
});

describe('Ledger.open', () => {
  it('opens a store of the current schema that was made elsewhere', () => {
    handmade();
    expect(file.open().bans()).toMatchObject([{ network: '192.0.2.7/32', until: null, offence: 3 }]);
  });

  it.each([{}, { readOnly: true }])('refuses a store of a newer version and changes nothing (%j)', (options) => {
    file.open().record([banned('192.0.2.7')]);
    file.close();
    file.shell('PRAGMA user_version = 9');
    expect(faultOf(() => file.open(options))).toBe(
      `FOLDER/trapline.db: written by a newer Trapline (schema 9, this one knows ${STEPS.length}), upgrade; nothing was changed`,
    );
    expect(file.shell('PRAGMA user_version; SELECT count(*) FROM bans')).toBe('9\n1');
  });

  it.each([{}, { readOnly: true }])('refuses the database of another program and changes nothing (%j)', (options) => {
    file.shell('CREATE TABLE accounts (name TEXT); PRAGMA user_version = 1');
    expect(faultOf(() => file.open(options))).toBe(
      'FOLDER/trapline.db: a database of another program, name another file for the ledger; nothing was changed',
    );
    expect(file.shell('SELECT name FROM sqlite_master; PRAGMA journal_mode; PRAGMA application_id')).toBe('accounts\ndelete\n0');
  });
});
