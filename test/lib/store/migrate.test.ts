import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LedgerError } from '../../../src/errors.ts';
import { openDatabase, type Database } from '../../../src/lib/store/driver.ts';
import { markFilled, migrate, newestVersion, versionOf, type Schema } from '../../../src/lib/store/migrate.ts';
import { LedgerFile } from '../../support/ledger/file.ts';

let file: LedgerFile;
let opened: Database[];

beforeEach(() => {
  file = new LedgerFile();
  opened = [];
});
afterEach(() => {
  for (const database of opened) database.close();
  file.remove();
});

const open = (): Database => {
  const database = openDatabase(file.path);
  opened.push(database);
  return database;
};

const BANS: Schema = { room: 'ledger', steps: [{ sql: 'CREATE TABLE bans (network TEXT)' }] };
const COUNTRIES: Schema = {
  room: 'ledger',
  steps: [...BANS.steps, { sql: "ALTER TABLE bans ADD COLUMN country TEXT; UPDATE bans SET country = 'XX'" }],
};
const PAGES: Schema = { room: 'pages', steps: [{ sql: 'CREATE TABLE pages (name TEXT)' }] };

/** A schema whose second step has work that later calls do in slices. */
const FILLED: Schema = { room: 'ledger', steps: [...BANS.steps, { sql: 'CREATE TABLE sums (sum INTEGER)', later: () => false }] };

/** Migrates the file to these schemas, as a separate program would. */
const migrated = (...schemas: Schema[]): ReturnType<typeof migrate> => migrate(open(), file.path, schemas);

/** The version of the file, for a program with these schemas. */
const version = (...schemas: Schema[]): number => versionOf(open(), file.path, schemas);

const recordedSteps = (): string => file.shell('SELECT room, step, filled FROM schema_steps ORDER BY room, step');

const faultOf = (work: () => unknown): string => {
  try {
    work();
  } catch (thrown) {
    return thrown instanceof LedgerError ? thrown.message.replaceAll(file.folder, 'FOLDER') : String(thrown);
  }
  return 'no fault';
};

describe('migrate', () => {
  it('creates the tables of all schemas in an empty file, and records each step', () => {
    expect(migrated(COUNTRIES, PAGES).before).toBe(0);
    expect(recordedSteps()).toBe('ledger|1|1\nledger|2|1\npages|1|1');
    expect(file.shell('PRAGMA user_version; PRAGMA application_id')).toBe('3\n1414676816');
  });

  it('runs the missing steps of a file once, and keeps its rows', () => {
    migrated(BANS);
    file.shell("INSERT INTO bans VALUES ('192.0.2.7/32')");
    expect(migrated(COUNTRIES).before).toBe(1);
    expect(migrated(COUNTRIES).before).toBe(2);
    expect(file.shell('SELECT network, country FROM bans')).toBe('192.0.2.7/32|XX');
  });

  it('treats a file without recorded steps as a file of release 0.1.0', () => {
    file.shell(`${BANS.steps[0]?.sql}; PRAGMA application_id = 1414676816; PRAGMA user_version = 1`);
    expect(migrated(COUNTRIES, PAGES).before).toBe(1);
    expect(recordedSteps()).toBe('ledger|1|1\nledger|2|1\npages|1|1');
  });

  it('adds the tables of a new schema, whatever its place in the list', () => {
    migrated(BANS);
    migrated(PAGES, BANS);
    expect(migrated(BANS, PAGES).before).toBe(2);
    expect(recordedSteps()).toBe('ledger|1|1\npages|1|1');
  });

  it('changes nothing when a step fails', () => {
    migrated(BANS);
    const broken: Schema = { room: 'pages', steps: [...PAGES.steps, { sql: 'DROP TABLE missing' }] };
    expect(faultOf(() => migrated(COUNTRIES, broken))).toContain('no such table: missing');
    expect(file.shell("PRAGMA user_version; SELECT sql FROM sqlite_master WHERE name IN ('bans', 'pages')")).toBe(
      '1\nCREATE TABLE bans (network TEXT)',
    );
    expect(migrated(COUNTRIES).before).toBe(1);
  });

  it('refuses a file whose texts are in UTF-16, and changes nothing', () => {
    file.shell(`PRAGMA encoding = 'UTF-16le'; ${BANS.steps[0]?.sql}; PRAGMA application_id = 1414676816; PRAGMA user_version = 1`);
    expect(faultOf(() => migrated(COUNTRIES))).toMatch(
      /^FOLDER\/\S+: holds its texts as UTF-16le instead of UTF-8, rebuild it with "PRAGMA encoding = 'UTF-8'"; nothing was changed$/,
    );
    expect(file.shell('PRAGMA user_version')).toBe('1');
  });

  it('leaves the slices of a step to later calls in a file of an earlier version, and needs none in a new file', () => {
    expect(migrated(FILLED).unfilled).toEqual([]);
    file.remove();
    file = new LedgerFile();
    migrated(BANS);
    expect(migrated(FILLED).unfilled).toMatchObject([{ room: 'ledger', number: 2 }]);
    expect(recordedSteps()).toBe('ledger|1|1\nledger|2|0');
  });

  it('returns a step with slices at every opening until the step is recorded as filled', () => {
    migrated(BANS);
    migrated(FILLED);
    const [step] = migrated(FILLED).unfilled;
    if (!step) throw new Error('nothing is left for later');
    const database = open();
    markFilled({ run: (sql, ...values) => database.prepare(sql).run(values).changes, all: () => [] }, step);
    expect(migrated(FILLED).unfilled).toEqual([]);
  });
});

describe('a ledger whose tables another program has changed', () => {
  it.each([
    ['has schema_steps without its columns', 'DROP TABLE schema_steps; CREATE TABLE schema_steps (a)'],
    [
      'has a view in place of schema_steps',
      'DROP TABLE schema_steps; CREATE VIEW schema_steps AS SELECT 1 AS room; PRAGMA user_version = 1',
    ],
    ['lacks a row of schema_steps', 'DELETE FROM schema_steps; PRAGMA user_version = 2'],
    [
      'has another column in schema_steps',
      'ALTER TABLE schema_steps ADD more NOT NULL DEFAULT 1; PRAGMA user_version = 2; DELETE FROM schema_steps',
    ],
    ['lacks a table', 'DROP TABLE bans'],
    ['has a table without a column', 'ALTER TABLE hits RENAME address TO client'],
    ['has a view in place of a table', 'DROP TABLE cursors; CREATE VIEW cursors AS SELECT 1 AS source, 2 AS cursor'],
  ])('is refused with a message of one line when it %s', (_what, sql) => {
    file.open();
    file.close();
    file.shell(sql);
    expect(faultOf(() => file.open())).toMatch(
      /^FOLDER\/trapline\.db: cannot be (?:opened|read or written): .+ \(SQLITE_\w+\), another program changed its tables: move it away, or restore a copy of it$/,
    );
  });
});

describe('versionOf', () => {
  it('is the number of steps of all schemas, and 0 for an empty file', () => {
    expect(version(COUNTRIES)).toBe(0);
    migrated(COUNTRIES, PAGES);
    expect(version(COUNTRIES, PAGES)).toBe(newestVersion([COUNTRIES, PAGES]));
  });

  it('refuses a file with more steps than this program knows', () => {
    migrated(BANS, PAGES);
    expect(faultOf(() => version(BANS))).toBe(
      'FOLDER/trapline.db: written by a newer Trapline (schema 2, this program knows 1), upgrade; nothing was changed',
    );
  });

  it('refuses a file of a higher version, whatever its recorded steps', () => {
    migrated(BANS, PAGES);
    file.shell('PRAGMA user_version = 3');
    expect(faultOf(() => version(BANS, PAGES))).toContain('(schema 3, this program knows 2)');
  });

  it('refuses a file with a step of an unknown schema, even if its number of steps is right', () => {
    migrated(BANS, PAGES);
    expect(faultOf(() => version(COUNTRIES))).toBe(
      'FOLDER/trapline.db: written by a newer Trapline (this program does not know the schema "pages 1"), upgrade; nothing was changed',
    );
  });

  it('refuses the database of another program, even if the database has a version but no table', () => {
    file.shell('CREATE TABLE accounts (name TEXT)');
    expect(faultOf(() => version(BANS))).toMatch(/: a database of another program, .*; nothing was changed$/);
    file.remove();
    file = new LedgerFile();
    file.shell('PRAGMA user_version = 1');
    expect(faultOf(() => version(BANS))).toMatch(/: a database of another program, .*; nothing was changed$/);
  });
});
