import { lstatSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase, type Database } from '../../../../src/lib/store/driver.ts';
import { Presence } from '../../../../src/lib/store/keeper/presence.ts';
import { isSound, renew } from '../../../../src/lib/store/keeper/renewal.ts';
import { migrate, type Schema } from '../../../../src/lib/store/migrate.ts';
import { LedgerFile } from '../../../support/ledger/file.ts';

const SCHEMAS: readonly Schema[] = [
  {
    room: 'cells',
    steps: [
      {
        sql: `CREATE TABLE cells (cell INTEGER PRIMARY KEY, text TEXT);
          CREATE TABLE names (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;`,
      },
    ],
  },
];

let file: LedgerFile;
let database: Database;
let presence: Presence;

beforeEach(() => {
  file = new LedgerFile();
  database = openDatabase(file.path);
  migrate(database, file.path, SCHEMAS);
  database.exec('PRAGMA journal_mode = WAL');
  for (let cell = 1; cell <= 500; cell += 1) database.prepare('INSERT INTO cells VALUES (?, ?)').run([cell, `${cell}`.repeat(100)]);
  database.exec("INSERT INTO names VALUES ('one', 'two')");
  presence = new Presence(file.path, () => 1);
});
afterEach(() => {
  database.close();
  file.remove();
});

const contents = (): string =>
  file.shell('SELECT count(*), min(cell), max(cell) FROM cells; SELECT name FROM names; PRAGMA quick_check');

describe('renew', () => {
  it('writes every row to a new file, and leaves no other file', () => {
    const before = lstatSync(file.path).ino;
    expect(renew(database, file.path, SCHEMAS, presence)).toEqual({ isWhole: true, found: undefined });
    expect(readdirSync(file.folder)).toEqual(['trapline.db']);
    expect([contents(), statSync(file.path).ino === before]).toEqual(['500|1|500\none\nok', false]);
  });

  it('writes the rows before and after the pages that cannot be read', () => {
    const small = openDatabase(file.path);
    small.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    const size = statSync(file.path).size;
    const bytes = readFileSync(file.path);
    bytes.fill(0xff, Math.floor(size / 3 / 4096) * 4096, Math.floor((2 * size) / 3 / 4096) * 4096);
    writeFileSync(file.path, bytes);
    const reader = openDatabase(file.path);
    expect(renew(reader, file.path, SCHEMAS, presence)).toEqual({ isWhole: false, found: undefined });
    const [count = 0, first, last] = (contents().split('\n')[0] ?? '').split('|').map(Number);
    expect([first, last, count > 200, count < 500]).toEqual([1, 500, true, true]);
    expect(contents()).toMatch(/\nok$/);
    for (const each of [small, reader]) each.close();
  });
});

describe('isSound', () => {
  it('is true for a file with the given schemas, and false for a file with other schemas or no file', () => {
    expect(isSound(file.path, SCHEMAS)).toBe(true);
    expect(isSound(file.path, [])).toBe(false);
    expect(isSound(`${file.path}.none`, SCHEMAS)).toBe(false);
  });

  it('is false for an empty file, and does not delete its write-ahead log', () => {
    truncateSync(file.path, 0);
    expect([isSound(file.path, SCHEMAS), statSync(`${file.path}-wal`).size > 0]).toEqual([false, true]);
  });
});
