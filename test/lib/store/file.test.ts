import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase, type Database } from '../../../src/lib/store/driver.ts';
import { openFile, type FileOptions } from '../../../src/lib/store/file.ts';
import type { Schema } from '../../../src/lib/store/migrate.ts';
import { LedgerFile } from '../../support/ledger/file.ts';

const schema = (...sql: string[]): readonly Schema[] => [{ room: 'things', steps: sql.map((text) => ({ sql: text })) }];
const FIRST = 'CREATE TABLE things (it)';

let file: LedgerFile;
const opened: Database[] = [];
beforeEach(() => {
  file = new LedgerFile();
});
afterEach(() => {
  for (const database of opened.splice(0)) database.close();
  file.remove();
});

const open = (options: Partial<FileOptions> = {}): Database => {
  const { database } = openFile(file.path, { schemas: schema(FIRST), log: file.log, ...options });
  opened.push(database);
  return database;
};
const valueOf = (database: Database, pragma: string): unknown =>
  Object.values(database.prepare(`PRAGMA ${pragma}`).get([]) ?? {})[0];

describe('openFile', () => {
  it('makes a file that only its owner and group can read, with a durable write-ahead log', () => {
    const database = open();
    expect(statSync(file.path).mode & 0o777).toBe(0o640);
    expect(statSync(dirname(file.path)).isDirectory()).toBe(true);
    expect([valueOf(database, 'journal_mode'), valueOf(database, 'synchronous'), valueOf(database, 'auto_vacuum')]).toEqual([
      'wal',
      2,
      2,
    ]);
  });

  it.each([
    [undefined, 5000],
    [250, 250],
  ])('lets each statement wait for another program for the given time (%s: %d ms)', (busyTimeout, expected) => {
    const database = open(busyTimeout === undefined ? {} : { busyTimeout });
    expect(valueOf(database, 'busy_timeout')).toBe(expected);
  });

  it('brings an older file to the newest schema, and reports it in one line', () => {
    open().close();
    opened.pop();
    const database = open({ schemas: schema(FIRST, 'CREATE TABLE more (it)') });
    expect(
      database.prepare('SELECT count(*) AS tables FROM sqlite_master WHERE name IN (?, ?)').get(['things', 'more']),
    ).toMatchObject({ tables: 2 });
    expect(file.notices).toEqual([`${file.path}: brought from schema 1 to 2`]);
  });

  it('opens a file to which another program is writing', () => {
    open();
    const other = openDatabase(file.path);
    opened.push(other);
    other.exec('BEGIN IMMEDIATE');
    expect(open().prepare('SELECT count(*) AS rows FROM things').get([])).toMatchObject({ rows: 0 });
  });

  it('refuses a file that the engine can only read', () => {
    open().close();
    opened.pop();
    mkdirSync(`${file.path}-shm`);
    expect(() => open()).toThrow(/readonly|read-only/);
  });
});
