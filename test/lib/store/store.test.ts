import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LedgerError } from '../../../src/errors.ts';
import { Ledger } from '../../../src/ledger/record.ts';
import type { Step } from '../../../src/lib/store/migrate.ts';
import { Store } from '../../../src/lib/store/store.ts';
import type { Transaction } from '../../../src/lib/store/transaction.ts';
import { compile } from '../../support/filters/compile.ts';
import { NOON } from '../../support/decision/words.ts';
import { banned, LedgerFile } from '../../support/ledger/file.ts';
import { root } from '../../support/privileges.ts';

let file: LedgerFile;
const stores: Store[] = [];
let writer: { program: string; remove: () => void };

beforeAll(() => {
  writer = compile(resolve(import.meta.dirname, '../../support/ledger/writer.ts'));
});
afterAll(() => writer.remove());
beforeEach(() => {
  file = new LedgerFile();
});
afterEach(() => {
  for (const store of stores.splice(0)) store.close();
  file.remove();
});

const openAt = (path: string): Ledger => Ledger.open(path, { log: file.log, clock: () => NOON });

/** Waits for the first line of the program. Resolves to a function that returns the number of acknowledged batches. */
async function acknowledgedBy(child: ChildProcess): Promise<() => number> {
  if (!child.stdout) throw new Error('no output');
  let last = 0;
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    last = Number(/^done (\d+)$/.exec(line)?.[1] ?? last);
  });
  await once(lines, 'line');
  return () => last;
}

/** A store in the file, with one table of cells. `steps`: further steps of its schema. */
function storeOf(...steps: Step[]): Store {
  const store = Store.open(file.path, {
    log: file.log,
    schemas: [{ room: 'cells', steps: [{ sql: 'CREATE TABLE cells (cell INTEGER)' }, ...steps] }],
  });
  stores.push(store);
  return store;
}

/** The cells of a store. */
const cellsOf = (store: Store): unknown[] =>
  store
    .prepare('SELECT cell FROM cells ORDER BY cell')
    .all()
    .map((row) => row['cell']);

const add = (transaction: Transaction, cell: number): number => transaction.run('INSERT INTO cells VALUES (?)', cell);

/** Adds a cell and throws. */
const breaking = (transaction: Transaction): void => {
  add(transaction, 2);
  throw new Error('a bug');
};

const copies = (): string => file.shell('SELECT group_concat(cell) FROM copies');

/** A step that copies cells in slices of two. */
const copying: Step = {
  sql: 'CREATE TABLE copies (cell INTEGER)',
  later: (transaction) =>
    transaction.run(
      'INSERT INTO copies SELECT cell FROM cells WHERE cell NOT IN (SELECT cell FROM copies) ORDER BY cell LIMIT 2',
    ) === 2,
};

/** Creates a file with only the first step of the schema, and with five cells. */
function older(): void {
  const store = storeOf();
  store.transaction((transaction) => [1, 2, 3, 4, 5].forEach((cell) => add(transaction, cell)));
  store.close();
}

/** Fills each of `pages` pages of 4 KB with one row, and deletes the rows of the first `deleted` pages. */
function filled(pages: number, deleted: number): Store {
  const store = storeOf();
  store.transaction((transaction) => {
    for (let page = 0; page < pages; page += 1) transaction.run('INSERT INTO cells VALUES (?)', `${page} `.padEnd(4000, '.'));
    transaction.run('DELETE FROM cells WHERE rowid <= ?', deleted);
  });
  return store;
}

const freePages = (): number => Number(file.shell('PRAGMA freelist_count'));

describe('Store.prepareAll', () => {
  it('prepares each statement under its name', () => {
    const queries = storeOf().prepareAll({ add: 'INSERT INTO cells VALUES (?)', sum: 'SELECT sum(cell) AS sum FROM cells' });
    expect([queries.add.run(1), queries.add.run(2)]).toEqual([1, 1]);
    expect(queries.sum.get()?.['sum']).toBe(3);
  });
});

describe('Store.transaction', () => {
  it('keeps all changes of its callback, or none of them when the callback throws', () => {
    const store = storeOf();
    expect(store.transaction((transaction) => add(transaction, 1))).toBe(1);
    const broken = (): unknown =>
      store.transaction((transaction) => {
        add(transaction, 2);
        throw new Error('a bug');
      });
    expect(broken).toThrow('a bug');
    expect([cellsOf(store), store.isInTransaction]).toEqual([[1], false]);
  });
});

/** A setting of SQLite in a new store. The value 2 of `synchronous` is FULL (sqlite.org/pragma.html#pragma_synchronous). */
const pragma = (name: string): unknown => storeOf().prepare(`PRAGMA ${name}`).get()?.[name];

describe('a store', () => {
  it('is durable: a transaction is on the disk when it returns, and the write-ahead log remains small', () => {
    expect(['journal_mode', 'synchronous', 'journal_size_limit'].map(pragma)).toEqual(['wal', 2, 16_777_216]);
  });
});

describe('Store.savepoint', () => {
  it('undoes its own rows when its callback throws, and leaves the transaction open', () => {
    const store = storeOf();
    store.transaction((transaction) => {
      add(transaction, 1);
      expect(() => store.savepoint(breaking)).toThrow('a bug');
      expect(store.isInTransaction).toBe(true);
      store.savepoint((shared) => void add(shared, 3));
      expect(() => store.savepoint(breaking)).toThrow('a bug');
    });
    expect(cellsOf(store)).toEqual([1, 3]);
  });

  it('is undone with its transaction', () => {
    const store = storeOf();
    const undone = (): unknown =>
      store.transaction(() => {
        store.savepoint((shared) => void add(shared, 1));
        throw new Error('a bug');
      });
    expect(undone).toThrow('a bug');
    expect(cellsOf(store)).toEqual([]);
  });
});

describe('Store.fill', () => {
  it('runs one slice per call, and returns whether there are more slices', () => {
    older();
    const store = storeOf(copying);
    expect(copies()).toBe('');
    expect(store.fill()).toBe(true);
    expect(copies()).toBe('1,2');
    expect([store.fill(), store.fill(), store.fill()]).toEqual([true, false, false]);
    expect(copies()).toBe('1,2,3,4,5');
  });

  it('continues after a restart, and does not repeat completed slices', () => {
    older();
    const first = storeOf(copying);
    first.fill();
    first.close();
    const second = storeOf(copying);
    while (second.fill());
    second.transaction((transaction) => add(transaction, 6));
    second.close();
    const third = storeOf(copying);
    expect(third.fill()).toBe(false);
    expect(copies()).toBe('1,2,3,4,5');
  });

  it('completes one step before it begins the next', () => {
    older();
    const store = storeOf(copying, {
      sql: 'CREATE TABLE done (at)',
      later: (transaction) => !transaction.run('INSERT INTO done VALUES (1)'),
    });
    expect([store.fill(), store.fill(), store.fill()]).toEqual([true, true, true]);
    expect(file.shell('SELECT count(*) FROM done')).toBe('0');
    expect(store.fill()).toBe(false);
    expect(file.shell('SELECT count(*) FROM done')).toBe('1');
  });

  it.each<[string, () => Error, boolean]>([
    ['when the file cannot be written, and repeats the slice', () => new LedgerError('full'), true],
    ['when the step throws, and runs the step again after the next opening', () => new Error('a bug'), false],
  ])('undoes a slice %s', (_what, fault, repeats) => {
    older();
    let failing = true;
    const step: Step = {
      ...copying,
      later: (transaction) => {
        const more = copying.later?.(transaction) ?? false;
        if (failing) throw fault();
        return more;
      },
    };
    const store = storeOf(step, { sql: 'CREATE TABLE done (at)', later: () => false });
    expect(() => store.fill()).toThrow(repeats ? 'full' : 'schema step "cells 2": a bug');
    expect(copies()).toBe('');
    failing = false;
    while (store.fill());
    expect(copies()).toBe(repeats ? '1,2,3,4,5' : '');
    store.close();
    const again = storeOf(step, { sql: 'CREATE TABLE done (at)', later: () => false });
    while (again.fill());
    expect(copies()).toBe('1,2,3,4,5');
  });

  it('does nothing for a new file', () => {
    expect(storeOf(copying).fill()).toBe(false);
  });
});

describe('Store.shrink', () => {
  it('frees pages in slices until only the spare pages are left', () => {
    const store = filled(100, 60);
    const before = freePages();
    expect(store.shrink(10, 20)).toBe(true);
    expect(before - freePages()).toBe(20);
    while (store.shrink(10, 20));
    expect(freePages()).toBeLessThanOrEqual(20);
    expect(store.shrink(freePages(), 20)).toBe(false);
  });

  it('does not shrink a file of which less than a twentieth is free, even if more than the spare pages are free', () => {
    const store = filled(1000, 45);
    const before = freePages();
    expect(before).toBeGreaterThan(20);
    expect(store.shrink(20, 1000)).toBe(false);
    expect(freePages()).toBe(before);
  });

  it('keeps the spare pages of a small file', () => {
    const store = filled(100, 60);
    const before = freePages();
    expect(store.shrink(before, 1000)).toBe(false);
    expect(store.shrink(before - 1, 1000)).toBe(false);
    expect(freePages()).toBeLessThan(before);
  });
});

describe('R10: a kill at any moment', () => {
  it('leaves every acknowledged batch, and hits, bans and a cursor that agree with each other', async () => {
    let batches = 0;
    for (const more of [0, 1, 2, 3, 5, 8]) {
      const child = spawn(process.execPath, [writer.program, file.path], { stdio: ['ignore', 'pipe', 'inherit'] });
      const acknowledged = await acknowledgedBy(child);
      while (acknowledged() < batches + more && child.exitCode === null) await new Promise(setImmediate);
      child.kill('SIGKILL');
      await once(child, 'close');
      const ledger = file.open();
      batches = Number(ledger.cursor('test'));
      expect(batches - acknowledged()).toBeGreaterThanOrEqual(0);
      expect(batches - acknowledged()).toBeLessThanOrEqual(1);
      expect(ledger.counts()).toMatchObject({ hits: 5 * batches, bans: 5 * batches });
      file.close();
    }
    expect(file.shell('PRAGMA integrity_check')).toBe('ok');
    expect(file.shell('SELECT count(*) FROM hits')).toBe(String(5 * batches));
  });
});

describe('the file of a store', () => {
  it('is created with its folder, and only its owner and group may read it', () => {
    const path = join(file.folder, 'var/lib/trapline/trapline.db');
    const ledger = openAt(path);
    ledger.recordStrictly([banned('192.0.2.7')]);
    const modes = ['', '-wal', '-shm'].map((suffix) => statSync(`${path}${suffix}`).mode & 0o777);
    expect([statSync(join(path, '..')).mode & 0o777, ...modes]).toEqual([0o750, 0o640, 0o640, 0o640]);
    ledger.close();
  });

  it('is refused when the engine could open it for reading only', () => {
    file.open().close();
    const copy = join(file.folder, 'copy.db');
    copyFileSync(file.path, copy);
    mkdirSync(`${copy}-shm`);
    expect(() => openAt(copy)).toThrow(/copy\.db: cannot be opened: .*may not write/);
  });

  it('has no copies beside it that a kill during a renewal left behind', () => {
    file.open().close();
    mkdirSync(`${file.path}-new-abcdef`);
    writeFileSync(`${file.path}-new-abcdef/new.db`, 'half a copy');
    file.open({ sole: true }).close();
    expect(readdirSync(file.folder).filter((name) => name.includes('-new-'))).toEqual([]);
  });

  it('can be opened by the sqlite3 shell while it is in use', () => {
    const ledger = file.open();
    ledger.recordStrictly([banned('192.0.2.7')]);
    expect(file.shell("SELECT network, jail, datetime(since / 1000, 'unixepoch') FROM bans")).toBe(
      '192.0.2.7/32|spamtrap|2026-11-25 12:00:00',
    );
    expect(file.shell('PRAGMA journal_mode; PRAGMA auto_vacuum; PRAGMA integrity_check')).toBe('wal\n2\nok');
  });

  it('can be written by another program at the same time', () => {
    const ledger = file.open();
    ledger.recordStrictly([banned('192.0.2.7')]);
    execFileSync(process.execPath, [writer.program, file.path, '3'], { stdio: 'pipe' });
    expect(ledger.counts().bans).toBe(16);
  });

  it('may be closed twice', () => {
    const ledger = file.open();
    ledger.close();
    expect(() => ledger.close()).not.toThrow();
  });

  it.runIf(root)('belongs to the owner of its folder when root creates it', () => {
    chownSync(file.folder, 12_345, 12_346);
    const ledger = file.open();
    ledger.recordStrictly([banned('192.0.2.7')]);
    const owners = ['', '-wal', '-shm'].map((suffix) => statSync(`${file.path}${suffix}`)).map(({ uid, gid }) => [uid, gid]);
    expect(owners).toEqual([0, 0, 0].map(() => [12_345, 12_346]));
  });

  it.runIf(root)('is not opened through a link that another user may have created', () => {
    const target = join(file.folder, 'target');
    writeFileSync(target, '');
    const folder = join(file.folder, 'theirs');
    mkdirSync(folder);
    chownSync(folder, 12_345, 12_345);
    const path = join(folder, 'trapline.db');
    symlinkSync(target, path);
    expect(() => openAt(path)).toThrow(
      `${path}: a symbolic link in a folder of another user, name the file itself; it was not opened`,
    );
    expect([lstatSync(target).uid, readFileSync(target, 'utf8')]).toEqual([0, '']);
  });
});

/** The message of the LedgerError that `work` throws. */
const faultOf = (work: () => unknown): string => {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof LedgerError) return thrown.message.replaceAll(file.folder, 'FOLDER');
    throw thrown;
  }
  return 'no fault';
};

describe('a fault of the file of a store', () => {
  it('is reported while another program locks the file, and ends with the lock', async () => {
    const ledger = file.open({ busyTimeout: 10 });
    ledger.recordStrictly([banned('192.0.2.7')]);
    const shell = spawn('sqlite3', [file.path], { stdio: ['pipe', 'pipe', 'inherit'] });
    shell.stdin.write("BEGIN IMMEDIATE; SELECT 'held';\n");
    await once(shell.stdout, 'data');
    expect(faultOf(() => ledger.recordStrictly([banned('192.0.2.8')]))).toBe(
      'FOLDER/trapline.db: cannot be read or written: database is locked (SQLITE_BUSY), end the program that holds it, such as an sqlite3 shell within a transaction',
    );
    expect(ledger.standing.list()).toHaveLength(1);
    shell.stdin.end('ROLLBACK;\n');
    await once(shell, 'close');
    expect(ledger.recordStrictly([banned('192.0.2.8')]).bans).toHaveLength(1);
  });

  it.runIf(root)('is reported when the disk is full, and no row of the batch is kept', () => {
    const mount = `mount -t tmpfs -o size=400k none ${file.folder}`;
    const output = execFileSync(
      'unshare',
      ['-m', 'sh', '-c', `${mount} && exec "$@"`, 'sh', process.execPath, writer.program, file.path],
      {
        encoding: 'utf8',
      },
    );
    const lines = output.trimEnd().split('\n');
    const done = lines.findLast((line) => line.startsWith('done '))?.slice('done '.length);
    expect(lines.at(-2)).toMatch(
      /^LedgerError: .*trapline\.db: cannot be read or written: .*\(SQLITE_(?:FULL|IOERR\w*)\), (?:make room on|look at) its disk/,
    );
    expect(lines.at(-1)).toBe(
      `counts ${JSON.stringify({
        bans: 5 * Number(done),
        hits: 5 * Number(done),
        jails: { spamtrap: { hits: 5 * Number(done), bans: 5 * Number(done), spared: 0 } },
        cursor: done,
      })}`,
    );
  });

  it('is reported when the file is no database', () => {
    writeFileSync(file.path, 'Nov 25 00:03:16 mx1 postfix/smtpd[4711]: something else\n'.repeat(100));
    expect(faultOf(() => file.open())).toBe(
      'FOLDER/trapline.db: cannot be opened: file is not a database (SQLITE_NOTADB), it is damaged or not a ledger: move it away, or restore a copy of it',
    );
  });

  it('is reported when the path is a folder, or below a file', () => {
    mkdirSync(file.path);
    expect(faultOf(() => file.open())).toMatch(/^FOLDER\/trapline\.db: cannot be opened: EISDIR: .*, check its disk and path$/);
    writeFileSync(join(file.folder, 'plain'), '');
    expect(faultOf(() => openAt(join(file.folder, 'plain/trapline.db')))).toMatch(
      /: cannot be opened: E(?:EXIST|NOTDIR): .*, check its disk and path$/,
    );
  });
});
