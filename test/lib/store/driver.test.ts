import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase, targetOf, type Access, type Cell, type Database } from '../../../src/lib/store/driver.ts';
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

function open(access?: Access): Database {
  const database = openDatabase(file.path, access);
  opened.push(database);
  return database;
}

/** This function is never called. The compiler has to report an error in it. */
function bindBuffer(database: Database): unknown {
  // @ts-expect-error a Buffer is not a valid cell
  return database.prepare('SELECT ?').get([Buffer.from('a')]);
}

describe('openDatabase', () => {
  it.each<[string, Cell]>([
    ['text', 'tr\u00E4p \u{1F600}'],
    ['an empty text', ''],
    ['a number', Number.MAX_SAFE_INTEGER],
    ['NULL', null],
  ])('returns %s unchanged', (_what, value) => {
    const database = open();
    database.exec('CREATE TABLE cells (cell)');
    expect(database.prepare('INSERT INTO cells VALUES (?)').run([value]).changes).toBe(1);
    expect(database.prepare('SELECT cell FROM cells').get([])?.['cell']).toBe(value);
  });

  it('accepts no Buffer, because SQLite would end the process', () => {
    expect(bindBuffer).toBeTypeOf('function');
  });

  it('opens a file only for reading, and sees the writes of another program', () => {
    file.shell('CREATE TABLE cells (cell); PRAGMA journal_mode = WAL');
    const database = open('read');
    expect(() => database.exec('INSERT INTO cells VALUES (1)')).toThrow('readonly');
    file.shell('INSERT INTO cells VALUES (1)');
    expect(database.prepare('SELECT count(*) AS cells FROM cells').get([])).toMatchObject({ cells: 1 });
  });

  it('opens an immutable file without a lock and without a file beside it', () => {
    file.shell('PRAGMA journal_mode = WAL; CREATE TABLE cells (cell)');
    const database = open('frozen');
    expect(database.prepare('SELECT count(*) AS cells FROM cells').get([])).toMatchObject({ cells: 0 });
    expect(() => database.exec('INSERT INTO cells VALUES (1)')).toThrow('readonly');
    expect(readdirSync(file.folder)).toEqual(['trapline.db']);
  });

  it('creates a missing file only with access "write"', () => {
    expect(() => open('read').prepare('SELECT 1').get([])).toThrow(/unable to open|ConnectionFailed/);
    expect(() => open('write').prepare('SELECT 1').get([])).not.toThrow();
  });

  it('uses each character of a path literally', () => {
    file.remove();
    file = new LedgerFile('a b?mode=ro#%41');
    open().exec('CREATE TABLE cells (cell)');
    expect(open('read').prepare('SELECT count(*) AS cells FROM cells').get([])).toMatchObject({ cells: 0 });
    expect(readdirSync(file.folder)).toEqual(['trapline.db']);
  });
});

describe('the binary of libsql', () => {
  const MAPS = '7f00-7f01 r-xp 00000000 fe:00 42 /usr/lib/x86_64-linux-gnu/libc.so.6\n';

  it.each([
    ['glibc on x64', 'x64', MAPS, 'linux-x64-gnu'],
    ['glibc on arm64', 'arm64', MAPS, 'linux-arm64-gnu'],
    ['glibc on another processor', 'arm', MAPS, undefined],
    ['musl', 'x64', '7f00-7f01 r-xp 00000000 fe:00 42 /lib/ld-musl-x86_64.so.1\n', undefined],
    [
      'musl with a library that imitates glibc',
      'x64',
      `${MAPS}7f02-7f03 r-xp 00000000 fe:00 43 /lib/ld-musl-x86_64.so.1\n`,
      undefined,
    ],
    ['a system without a list of libraries', 'x64', '', undefined],
  ])('for %s is known in advance, or left to libsql', (_title, arch, maps, target) => {
    expect(targetOf(arch, maps)).toBe(target);
  });

  it('is loaded without leaving a replaced package behind', () => {
    open();
    const require = createRequire(import.meta.url);
    const within = createRequire(require.resolve('libsql'));
    const { currentTarget } = within('@neon-rs/load') as { currentTarget: () => string };
    expect(String(currentTarget)).toContain('process.platform');
  });
});
