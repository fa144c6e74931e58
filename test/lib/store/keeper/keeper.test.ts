import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LedgerError } from '../../../../src/errors.ts';
import { claimWriter } from '../../../../src/lib/store/lock.ts';
import { Store } from '../../../../src/lib/store/store.ts';
import { LedgerFile } from '../../../support/ledger/file.ts';

let file: LedgerFile;
let store: Store;
let renewals: boolean[];

beforeEach(() => {
  file = new LedgerFile();
  renewals = [];
  store = Store.open(file.path, {
    log: file.log,
    schemas: [{ room: 'cells', steps: [{ sql: 'CREATE TABLE cells (cell INTEGER PRIMARY KEY, text TEXT)' }] }],
    renewed: (isWhole) => renewals.push(isWhole),
  });
  add(1);
});
afterEach(() => {
  store.close();
  file.remove();
});

const add = (...cells: number[]): unknown =>
  store.transaction((transaction) => {
    for (const cell of cells) transaction.run('INSERT INTO cells VALUES (?, ?)', cell, 'x'.repeat(500));
  });

/** The cells that another program finds in the file. */
const cells = (): string => file.shell('SELECT group_concat(cell) FROM cells');

const said = (): string => file.notices.join('\n').replaceAll(file.folder, 'FOLDER');

/** Copies a file by another program, because SQLite loses its locks on a file when this process closes the file. */
const copy = (from: string, to: string): unknown => execFileSync('cp', [from, to]);

const bytesOf = (suffix: string): number => statSync(`${file.path}${suffix}`).size;

/** Adds more cells than SQLite keeps in memory, all of them in the file itself and none in the write-ahead log. */
function fill(): void {
  for (let slice = 0; slice < 10; slice += 1) add(...Array.from({ length: 2000 }, (_, index) => 2 + 2000 * slice + index));
  file.shell('PRAGMA wal_checkpoint(TRUNCATE)');
  add(20_002);
  file.notices.length = 0;
  renewals.length = 0;
}

describe('an open file that another program removes', () => {
  it.each<[what: string, harm: () => void, said: string]>([
    ['is deleted', () => rmSync(file.path), 'the file was deleted while in use; written anew with every row'],
    ['is moved', () => renameSync(file.path, `${file.path}.1`), 'the file was deleted while in use; written anew with every row'],
    [
      'is deleted with its folder',
      () => rmSync(file.folder, { recursive: true }),
      'the file was deleted while in use; written anew with every row',
    ],
    [
      'loses its write-ahead log',
      () => rmSync(`${file.path}-wal`),
      'its write-ahead log was deleted while in use; written anew with every row',
    ],
    [
      'loses the index of its write-ahead log',
      () => rmSync(`${file.path}-shm`),
      'the index of its write-ahead log was deleted while in use; written anew with every row',
    ],
  ])('is written again with every row when it %s', (_what, harm, text) => {
    harm();
    add(2);
    expect(said()).toBe(`FOLDER/trapline.db: ${text}`);
    expect(cells()).toBe('1,2');
    add(3);
    expect([cells(), file.shell('PRAGMA integrity_check; PRAGMA auto_vacuum')]).toEqual(['1,2,3', 'ok\n2']);
    expect([renewals, statSync(file.path).mode & 0o777]).toEqual([[true], 0o640]);
  });

  it('is written again in the place of another file, which is kept', () => {
    writeFileSync(`${file.path}.other`, 'something else');
    renameSync(`${file.path}.other`, file.path);
    add(2);
    expect(said()).toBe(
      'FOLDER/trapline.db: the file was replaced by another while in use; written anew with every row; the file that was found there is "FOLDER/trapline.db.found" now',
    );
    expect([cells(), readFileSync(`${file.path}.found`, 'utf8')]).toEqual(['1,2', 'something else']);
  });

  it('is written again in the place of an older copy that was moved to its path', () => {
    file.shell(`VACUUM INTO '${file.path}.copy'`);
    add(2);
    renameSync(`${file.path}.copy`, file.path);
    add(3);
    expect(cells()).toBe('1,2,3');
    expect(execFileSync('sqlite3', [`${file.path}.found`, 'SELECT cell FROM cells'], { encoding: 'utf8' })).toBe('1\n');
  });

  it('is written again at the end of the program', () => {
    rmSync(file.path);
    store.close();
    expect(cells()).toBe('1');
  });

  it('is written again after each removal, and statements that were prepared before continue to work', () => {
    const all = store.prepare('SELECT count(*) AS cells FROM cells');
    for (let cell = 2; cell < 12; cell += 1) {
      rmSync(file.path);
      add(cell);
      expect(all.get()?.['cells']).toBe(cell);
    }
    expect(cells()).toBe('1,2,3,4,5,6,7,8,9,10,11');
  });

  it('is written again as a file that stays whole when the connection to the removed file is closed', () => {
    rmSync(`${file.path}-wal`);
    add(2);
    add(3);
    expect([existsSync(`${file.path}-wal`), cells()]).toEqual([true, '1,2,3']);
  });

  it('refuses every write while it cannot be written again, and has all rows afterwards', () => {
    const moved = `${file.folder}.moved`;
    renameSync(file.folder, moved);
    writeFileSync(file.folder, 'in the way');
    try {
      expect(() => add(2)).toThrow(LedgerError);
      expect(() => add(2)).toThrow(
        /trapline\.db: the file was deleted while in use, and cannot be written anew: .*; put it back or make its folder writable$|: cannot be written any more: /,
      );
    } finally {
      rmSync(file.folder);
      renameSync(moved, file.folder);
    }
    add(3);
    expect([cells(), renewals]).toEqual(['1,3', []]);
  });
});

describe('an open file that another program damages', () => {
  it.each<[what: string, harm: () => void, text: string]>([
    ['is cut to nothing', () => truncateSync(file.path, 0), 'the file was cut'],
    ['is cut to one page', () => truncateSync(file.path, 4096), 'the file was cut'],
    ['is overwritten', () => writeFileSync(file.path, 'something else '.repeat(1000)), 'the file was (?:cut|overwritten)'],
    ['loses the bytes of its write-ahead log', () => truncateSync(`${file.path}-wal`, 0), 'its write-ahead log was cut'],
  ])('is written again with every row when it is small and %s', (_what, harm, text) => {
    harm();
    add(2);
    expect(said()).toMatch(new RegExp(`^FOLDER/trapline\\.db: ${text} while in use; written anew with `));
    expect([cells(), file.shell('PRAGMA integrity_check')]).toEqual(['1,2', 'ok']);
  });

  it.each<[what: string, size: number]>([
    ['half', 2],
    ['all', Infinity],
  ])('is written again with the readable rows when it is large and %s of it is cut off', (_what, part) => {
    fill();
    truncateSync(file.path, Math.floor(bytesOf('') / part));
    add(20_003);
    expect(said()).toBe('FOLDER/trapline.db: the file was cut while in use; written anew with the rows that could be read');
    expect([file.shell('PRAGMA integrity_check'), renewals]).toEqual(['ok', [false]]);
    expect(file.shell('SELECT count(*) FROM cells WHERE cell = 20003')).toBe('1');
  });

  it('is used with its present content when an older copy was written over it', () => {
    file.shell('PRAGMA wal_checkpoint(TRUNCATE)');
    copy(file.path, `${file.path}.copy`);
    add(2);
    file.shell('PRAGMA wal_checkpoint(TRUNCATE)');
    store.look();
    copy(`${file.path}.copy`, file.path);
    add(3);
    expect(said()).toMatch(/trapline\.db: .* by another program; it is sound, and is read as it is now$/m);
    expect([cells(), file.shell('PRAGMA integrity_check'), renewals.at(-1)]).toEqual(['1,3', 'ok', false]);
  });
});

describe('a damage that was taken for a change of another program', () => {
  it('is repaired when the engine finds it', () => {
    fill();
    store.prepare('SELECT count(*) FROM cells').get();
    file.shell("INSERT INTO cells VALUES (30000, ''); PRAGMA wal_checkpoint(TRUNCATE)");
    truncateSync(file.path, Math.floor(bytesOf('') / 4096 / 2) * 4096);
    store.look();
    expect(() => store.prepare('SELECT sum(length(text)) FROM cells').get()).toThrow(/SQLITE_(?:CORRUPT|IOERR)/);
    add(30_001);
    expect(said()).toMatch(/the file was damaged while in use; written anew with the rows that could be read$/m);
    expect(file.shell('PRAGMA integrity_check; SELECT max(cell) FROM cells')).toBe('ok\n30001');
  });
});

describe('a link to a file', () => {
  it('leads to the file in everything: its lock, its log, and its repair', () => {
    const [link, target] = [`${file.folder}/link.db`, `${file.folder}/other/target.db`];
    mkdirSync(`${file.folder}/other`);
    symlinkSync('other/target.db', link);
    const options = { log: file.log, schemas: [{ room: 'cells', steps: [{ sql: 'CREATE TABLE cells (cell INTEGER)' }] }] };
    const linked = Store.open(link, { ...options, sole: true });
    linked.transaction((transaction) => transaction.run('INSERT INTO cells VALUES (1)'));
    expect(() => claimWriter(target)).toThrow(/another trapline writes to it/);
    rmSync(`${target}-wal`);
    linked.transaction((transaction) => transaction.run('INSERT INTO cells VALUES (2)'));
    expect(said()).toContain('its write-ahead log was deleted while in use; written anew with every row');
    const rehearsal = Store.open(link, { ...options, access: 'rehearse' });
    expect(rehearsal.prepare('SELECT count(*) AS cells FROM cells').get()).toMatchObject({ cells: 2 });
    rehearsal.close();
    linked.close();
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
  });
});

describe('an open file that is neither removed nor damaged', () => {
  it('may be written by other programs that respect its locks', async () => {
    for (let cell = 2; cell < 10; cell += 2) {
      file.shell(`INSERT INTO cells VALUES (${cell}, ''); PRAGMA wal_checkpoint(TRUNCATE)`);
      add(cell + 1);
    }
    const shell = spawn('sqlite3', [file.path], { stdio: ['pipe', 'pipe', 'inherit'] });
    shell.stdin.end('VACUUM;\n');
    await once(shell, 'close');
    add(10);
    expect([cells(), said(), renewals]).toEqual(['1,2,3,4,5,6,7,8,9,10', '', []]);
  });

  it('is not written again after large writes, deletions, freed pages and a rollback', () => {
    for (let slice = 0; slice < 5; slice += 1) add(...Array.from({ length: 3000 }, (_, index) => 2 + 3000 * slice + index));
    store.transaction((transaction) => transaction.run('DELETE FROM cells WHERE cell > 10'));
    while (store.shrink(10, 100));
    expect(() =>
      store.transaction((transaction) => {
        for (let cell = 20; cell < 9000; cell += 1) transaction.run('INSERT INTO cells VALUES (?, ?)', cell, 'x'.repeat(500));
        throw new Error('a bug');
      }),
    ).toThrow('a bug');
    add(11);
    expect([cells(), said(), renewals]).toEqual(['1,2,3,4,5,6,7,8,9,10,11', '', []]);
  });
});
