import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { LedgerError } from '../../../src/errors.ts';
import { Ledger } from '../../../src/ledger/record.ts';
import { LEDGER_SCHEMA } from '../../../src/ledger/tables/schema.ts';
import { openDatabase } from '../../../src/lib/store/driver.ts';
import { Store } from '../../../src/lib/store/store.ts';
import { compile } from '../../support/filters/compile.ts';
import { banned, LedgerFile } from '../../support/ledger/file.ts';
import { root } from '../../support/privileges.ts';

const OWNER = 12_345;
const GROUP = 12_346;
const READER = 12_347;

let file: LedgerFile;
let writer: { program: string; remove: () => void };

beforeAll(() => {
  // Loads SQLite now, because the user of a later test cannot read the checkout.
  openDatabase(':memory:').close();
  writer = compile(resolve(import.meta.dirname, '../../support/ledger/writer.ts'));
});
afterAll(() => writer.remove());
beforeEach(() => {
  file = new LedgerFile();
});
afterEach(() => {
  vi.unstubAllEnvs();
  file.remove();
});

const listed = (): string[] =>
  file
    .open({ access: 'read' })
    .standing.list()
    .map(({ network }) => network);

describe('a ledger opened for reading', () => {
  it('is empty for a missing file and for an empty file, and creates no file', () => {
    expect(listed()).toEqual([]);
    expect(existsSync(file.path)).toBe(false);
    writeFileSync(file.path, '');
    expect(listed()).toEqual([]);
    expect(statSync(file.path).size).toBe(0);
  });

  it('shows the rows of a file that is in use, and the rows that are recorded later', () => {
    const used = file.open();
    used.recordStrictly([banned('192.0.2.7')]);
    const reading = file.open({ access: 'read' });
    expect(reading.standing.list()).toHaveLength(1);
    used.recordStrictly([banned('192.0.2.8')]);
    expect(reading.standing.list()).toHaveLength(2);
    expect([...reading.standing.pages()].flat()).toHaveLength(2);
    expect(reading.counts().hits).toBe(2);
  });

  it('cannot be written', () => {
    file.open().recordStrictly([banned('192.0.2.7')]);
    const ledger = file.reopen({ access: 'read' });
    expect(() => ledger.recordStrictly([banned('192.0.2.8')])).toThrow(LedgerError);
    expect(() => ledger.unban('all')).toThrow(LedgerError);
    expect(ledger.standing.list()).toHaveLength(1);
  });

  it('creates no copy', () => {
    file.open().recordStrictly([banned('192.0.2.7')]);
    file.close();
    // TMPDIR is no folder, so it is impossible to create a copy in it.
    vi.stubEnv('TMPDIR', file.path);
    expect(listed()).toEqual(['192.0.2.7/32']);
  });

  it('sorts in memory', () => {
    file.open().close();
    const store = Store.open(file.path, { schemas: [LEDGER_SCHEMA], log: file.log, access: 'read' });
    expect(store.prepare('PRAGMA temp_store').get()?.['temp_store']).toBe(2);
    store.close();
  });

  it('is read from a copy if its schema is older, and the file remains unchanged', () => {
    file.shell(`${LEDGER_SCHEMA.steps[0]?.sql}; PRAGMA application_id = 1414676816; PRAGMA user_version = 1`);
    file.shell("INSERT INTO bans VALUES ('192.0.2.7/32', 'spamtrap', '', '', 0, NULL, 1, 'log', '', 0)");
    expect(listed()).toEqual(['192.0.2.7/32']);
    expect(file.shell('PRAGMA user_version')).toBe('1');
    expect(readdirSync(file.folder)).toEqual(['trapline.db']);
  });

  it('fails with the reason when neither the file nor a copy can be read', () => {
    mkdirSync(file.path);
    expect(() => listed()).toThrow(/: cannot be opened: EISDIR: .*, check its disk and path$/);
  });
});

/** The copies of ledgers that this process has open. A copy is deleted while it is open, so its name ends with "(deleted)". */
const openCopies = (): string[] =>
  readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${descriptor}`);
      return path.endsWith('copy.db (deleted)') ? [path] : [];
    } catch {
      // The descriptor of this listing is already closed.
      return [];
    }
  });

/**
 * Opens the ledger as another user, who is in the group of the daemon unless `gid` is given. Returns the bans that this user sees, and
 * whether they were read from a copy.
 */
function seen({ uid = READER, gid = GROUP, path = file.path } = {}): { readonly networks: string[]; readonly isCopy: boolean } {
  const before = new Set(openCopies());
  process.setegid?.(gid);
  process.seteuid?.(uid);
  let ledger: Ledger;
  try {
    ledger = Ledger.open(path, { log: file.log, clock: () => 0, access: 'read' });
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
  const networks = ledger.standing.list().map(({ network }) => network);
  const isCopy = openCopies().some((copy) => !before.has(copy));
  ledger.close();
  return { networks, isCopy };
}

/** Gives all files to the user and group of the daemon. The members of the group may read them. */
function giveAway(): void {
  chmodSync(file.folder, 0o750);
  for (const path of [file.folder, ...readdirSync(file.folder).map((name) => join(file.folder, name))])
    chownSync(path, OWNER, GROUP);
}

/** Runs the writer until its first batch is recorded, and returns the running program. */
async function startWriter(): Promise<{ kill: () => Promise<void> }> {
  const child = spawn(process.execPath, [writer.program, file.path], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.stdout.resume();
  return {
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'close');
    },
  };
}

/** Records one ban and leaves the ledger without a write-ahead log and without an index, as the sqlite3 shell does at its end. */
function stopClean(): void {
  file.open().recordStrictly([banned('192.0.2.7', 0, { until: null })]);
  file.close();
  file.shell('PRAGMA wal_checkpoint(TRUNCATE)');
  for (const suffix of ['-wal', '-shm']) rmSync(`${file.path}${suffix}`, { force: true });
}

const SEEN = { networks: ['192.0.2.7/32'], isCopy: false };

describe.runIf(root)('a user who may read the ledger but not write to its folder', () => {
  it('reads the ledger in place after a clean stop', () => {
    stopClean();
    giveAway();
    expect(seen()).toEqual(SEEN);
    expect(readdirSync(file.folder)).toEqual(['trapline.db']);
  });

  it('reads the ledger in place when it has an index and an empty write-ahead log', () => {
    file.open().recordStrictly([banned('192.0.2.7', 0, { until: null })]);
    file.close();
    giveAway();
    expect(seen()).toEqual(SEEN);
  });

  it('reads the ledger in place while the daemon writes, and after the daemon was killed', async () => {
    const running = await startWriter();
    giveAway();
    expect(seen()).toEqual({ networks: expect.arrayContaining(['10.0.1.0/32']), isCopy: false });
    await running.kill();
    expect(statSync(`${file.path}-wal`).size).toBeGreaterThan(0);
    expect(seen()).toEqual({ networks: expect.arrayContaining(['10.0.1.0/32']), isCopy: false });
  });

  it('reads a complete copy when the write-ahead log contains rows and its index is lost', async () => {
    const running = await startWriter();
    await running.kill();
    const bans = Number(file.shell('SELECT count(*) FROM bans'));
    const later = await startWriter();
    await later.kill();
    rmSync(`${file.path}-shm`);
    giveAway();
    expect(statSync(`${file.path}-wal`).size).toBeGreaterThan(0);
    const { networks: found, isCopy } = seen();
    expect(isCopy).toBe(true);
    expect(found.length).toBeGreaterThan(bans);
  });

  it('gets an error with the reason when this user may not read the file', () => {
    stopClean();
    giveAway();
    expect(() => seen({ gid: READER })).toThrow(/EACCES.*run as root or as the user of the daemon/);
  });
});

describe.runIf(root)('root, who reads the ledger of another user', () => {
  it('leaves no file of root, because the owner could not use such a file', () => {
    file.open().recordStrictly([banned('192.0.2.7', 0, { until: null })]);
    file.close();
    for (const suffix of ['-wal', '-shm']) rmSync(`${file.path}${suffix}`, { force: true });
    giveAway();
    expect(seen({ uid: 0, gid: 0 })).toEqual(SEEN);
    const owners = readdirSync(file.folder).map((name) => statSync(join(file.folder, name)).uid);
    expect(new Set(owners)).toEqual(new Set([OWNER]));
  });

  it('reads a copy of the target of a link, because the owner of the folder may have created the link', () => {
    file.open().recordStrictly([banned('192.0.2.7', 0, { until: null })]);
    file.close();
    const theirs = join(file.folder, 'theirs');
    mkdirSync(theirs);
    chownSync(theirs, OWNER, GROUP);
    symlinkSync(file.path, join(theirs, 'trapline.db'));
    expect(seen({ uid: 0, gid: 0, path: join(theirs, 'trapline.db') })).toEqual({ ...SEEN, isCopy: true });
    expect(readdirSync(theirs)).toEqual(['trapline.db']);
  });
});
