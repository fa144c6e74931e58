import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, lstatSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LedgerError } from '../../../src/errors.ts';
import { Ledger } from '../../../src/ledger/record.ts';
import { compile } from '../../support/compile.ts';
import { NOON } from '../../support/decision-words.ts';
import { banned, LedgerFile } from '../../support/ledger-file.ts';
import { root } from '../../support/privileges.ts';

let file: LedgerFile;
let writer: { program: string; remove: () => void };

beforeAll(() => {
  writer = compile(resolve(import.meta.dirname, '../../support/ledger-writer.ts'));
});
afterAll(() => writer.remove());
beforeEach(() => {
  file = new LedgerFile();
});
afterEach(() => file.remove());

const openAt = (path: string): Ledger => Ledger.open(path, { log: file.log, clock: () => NOON });

/** Resolves when the program has written its first line, to a function that says how many batches it has acknowledged. */
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

describe('R10: a kill at any moment', () => {
  it('leaves hits, bans and cursor of the same batches, and every batch that was acknowledged', async () => {
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

describe('the file', () => {
  it('is made with its folder, for its owner and group only', () => {
    const path = join(file.folder, 'var/lib/trapline/trapline.db');
    const ledger = openAt(path);
    ledger.record([banned('192.0.2.7')]);
    const modes = ['', '-wal', '-shm'].map((suffix) => statSync(`${path}${suffix}`).mode & 0o777);
    expect([statSync(join(path, '..')).mode & 0o777, ...modes]).toEqual([0o750, 0o640, 0o640, 0o640]);
    ledger.close();
  });

  it('is what the sqlite3 shell opens, while it is in use', () => {
    const ledger = file.open();
    ledger.record([banned('192.0.2.7')]);
    expect(file.shell("SELECT network, jail, datetime(since / 1000, 'unixepoch') FROM bans")).toBe(
      '192.0.2.7/32|spamtrap|2026-11-25 12:00:00',
    );
    expect(file.shell('PRAGMA journal_mode; PRAGMA auto_vacuum; PRAGMA integrity_check')).toBe('wal\n2\nok');
  });

  it('can be written by another program at the same time', () => {
    const ledger = file.open();
    ledger.record([banned('192.0.2.7')]);
    execFileSync(process.execPath, [writer.program, file.path, '3'], { stdio: 'pipe' });
    expect(ledger.counts().bans).toBe(16);
  });

  it('may be closed twice', () => {
    const ledger = file.open();
    ledger.close();
    expect(() => ledger.close()).not.toThrow();
  });

  it.runIf(root)("that root makes belongs to the folder's owner", () => {
    chownSync(file.folder, 12_345, 12_346);
    const ledger = file.open();
    ledger.record([banned('192.0.2.7')]);
    const owners = ['', '-wal', '-shm'].map((suffix) => statSync(`${file.path}${suffix}`)).map(({ uid, gid }) => [uid, gid]);
    expect(owners).toEqual([0, 0, 0].map(() => [12_345, 12_346]));
  });

  it.runIf(root)('is not followed through a link that another user may have made', () => {
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

/** The message of the LedgerError that this throws. */
const faultOf = (work: () => unknown): string => {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof LedgerError) return thrown.message.replaceAll(file.folder, 'FOLDER');
    throw thrown;
  }
  return 'no fault';
};

describe('a fault', () => {
  it('is told when another program holds the file, and is over with it', async () => {
    const ledger = file.open({ busyTimeout: 10 });
    ledger.record([banned('192.0.2.7')]);
    const shell = spawn('sqlite3', [file.path], { stdio: ['pipe', 'pipe', 'inherit'] });
    shell.stdin.write("BEGIN IMMEDIATE; SELECT 'held';\n");
    await once(shell.stdout, 'data');
    expect(faultOf(() => ledger.record([banned('192.0.2.8')]))).toBe(
      'FOLDER/trapline.db: cannot be read or written: database is locked (SQLITE_BUSY), end the program that holds it, such as an sqlite3 shell within a transaction',
    );
    expect(ledger.bans()).toHaveLength(1);
    shell.stdin.end('ROLLBACK;\n');
    await once(shell, 'close');
    expect(ledger.record([banned('192.0.2.8')])).toHaveLength(1);
  });

  it.runIf(root)('is told when the disk is full, and nothing of the batch is kept', () => {
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

  it('is told when the file is no database', () => {
    writeFileSync(file.path, 'Nov 25 00:03:16 mx1 postfix/smtpd[4711]: something else\n'.repeat(100));
    expect(faultOf(() => file.open())).toBe(
      'FOLDER/trapline.db: cannot be opened: file is not a database (SQLITE_NOTADB), it is damaged or no ledger: move it away, or put a copy in its place',
    );
  });

  it('is told when the path is a folder, or below a file', () => {
    mkdirSync(file.path);
    expect(faultOf(() => file.open())).toMatch(/^FOLDER\/trapline\.db: cannot be opened: EISDIR: .*, look at its disk and path$/);
    writeFileSync(join(file.folder, 'plain'), '');
    expect(faultOf(() => openAt(join(file.folder, 'plain/trapline.db')))).toMatch(
      /: cannot be opened: E(?:EXIST|NOTDIR): .*, look at its disk and path$/,
    );
  });
});
