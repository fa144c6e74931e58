import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, readdirSync, renameSync, rmSync, truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compile, eventually, trapLine, World } from '../support/faults/daemon.mjs';
import { lendProgram } from '../support/faults/lent.ts';
import { root } from '../support/privileges.ts';

/** The user of the daemon in tests of permissions. It has only the capability CAP_NET_ADMIN, which changes of the firewall need. */
const NOBODY = 65_534;
const AS_NOBODY = [
  'setpriv',
  `--reuid=${NOBODY}`,
  `--regid=${NOBODY}`,
  '--clear-groups',
  '--inh-caps=-all,+net_admin',
  '--ambient-caps=-all,+net_admin',
  '--bounding-set=-all,+net_admin',
];

let world: World;
let lent: ReturnType<typeof lendProgram>;

beforeAll(() => {
  compile();
  lent = lendProgram();
}, 120_000);
afterAll(() => lent.remove());
beforeEach(() => {
  world = new World({ config: 'sync: 1s\ndefaults: { bantime: 1h }' });
});
afterEach(() => world.remove());

const inFirewall = (): readonly string[] => [...world.firewall().keys()].toSorted();
const times = (text: RegExp): number => world.said.match(text)?.length ?? 0;
const file = (suffix = ''): string => `${world.state}${suffix}`;

async function startWithBan(): Promise<void> {
  await world.start();
  world.write(trapLine('203.0.113.1'));
  await eventually('the first ban is recorded', async () => (await world.status()).hits === 1);
}

describe.runIf(root)('a ledger that is taken away while the daemon runs', () => {
  const HARMS: readonly [what: string, harm: () => void][] = [
    ['deleted', () => rmSync(file())],
    ['deleted with its folder', () => rmSync(dirname(file()), { recursive: true })],
    [
      'replaced by a copy',
      () => {
        copyFileSync(file(), file('.copy'));
        renameSync(file('.copy'), file());
      },
    ],
    ['cut to nothing', () => truncateSync(file())],
    ['without its write-ahead log', () => rmSync(file('-wal'))],
  ];

  it.each(HARMS)('keeps every acknowledged ban and every hit, also after a kill (%s)', async (_what, harm) => {
    await startWithBan();
    harm();
    await world.ban(['198.51.100.1']);
    world.write(trapLine('203.0.113.2'));
    await eventually('the next hit is recorded', async () => (await world.status()).hits === 2);
    expect((await world.status()).ledgerFault).toBeNull();
    await world.kill();
    await world.start();
    expect((await world.bans()).map(({ network }) => network).toSorted()).toEqual(['198.51.100.1', '203.0.113.1', '203.0.113.2']);
    expect(world.rows('SELECT address FROM hits ORDER BY id')).toEqual([{ address: '203.0.113.1' }, { address: '203.0.113.2' }]);
    expect(inFirewall()).toEqual(['198.51.100.1', '203.0.113.1', '203.0.113.2']);
    expect(times(/trapline\.db: .* while in use; written anew with /g)).toBe(1);
  });

  it('is written again even when no hit or request arrives', async () => {
    await startWithBan();
    rmSync(dirname(file()), { recursive: true });
    await eventually('the ledger exists again', () => times(/written anew with every row/g) === 1);
    expect(world.rows('SELECT network FROM bans')).toEqual([{ network: '203.0.113.1/32' }]);
    const names = ['trapline.db', 'trapline.db-lock', 'trapline.db-shm', 'trapline.db-wal'];
    await eventually('the lock is there again', () => readdirSync(dirname(file())).toSorted().join() === names.join());
  });

  it('gets its lost bans back from the firewall, as bans by hand', async () => {
    await world.start();
    const networks = Array.from({ length: 20_000 }, (_, index) => `10.1.${index >> 8}.${index & 255}`);
    await world.ban(networks);
    execFileSync('sqlite3', [file(), 'PRAGMA wal_checkpoint(TRUNCATE)']);
    truncateSync(file());
    await world.ban(['198.51.100.1']);
    await eventually('the ledger has every ban again', async () => (await world.status()).bans === 20_001);
    expect(times(/written anew with the rows that could be read/g)).toBe(1);
    expect(times(/nftables: holds bans that the ledger lost, now bans by hand: \d+ networks/g)).toBe(1);
    const bans = await world.bans();
    expect(bans.some(({ reason }) => reason === 'found in the firewall after the ledger was damaged')).toBe(true);
    expect(inFirewall()).toHaveLength(20_001);
  });
});

describe.runIf(root)('a ledger that may not be written any more', () => {
  it('refuses bans by hand with the reason, and bans from the log go on', async () => {
    for (const path of [world.folder, dirname(file()), world.log]) chownSync(path, NOBODY, NOBODY);
    world.before = AS_NOBODY;
    world.program = lent.program;
    await startWithBan();
    chmodSync(file(), 0o400);
    await expect(world.ban(['198.51.100.1'])).rejects.toThrow(
      /trapline\.db: cannot be written any more: EACCES: .*, run as root or as the user of the daemon/,
    );
    world.write(trapLine('203.0.113.2'));
    await eventually('the ban is in the firewall', () => inFirewall().includes('203.0.113.2'));
    expect(await world.status()).toMatchObject({ unwritten: 1, ledgerFault: expect.stringContaining('EACCES') as string });
    chmodSync(file(), 0o640);
    await eventually('the hit is written', async () => (await world.status()).unwritten === 0);
    expect((await world.status()).ledgerFault).toBeNull();
    await world.ban(['198.51.100.1']);
    await world.kill();
    await world.start();
    expect((await world.bans()).map(({ network }) => network).toSorted()).toEqual(['198.51.100.1', '203.0.113.1', '203.0.113.2']);
  });

  it('is reported as a fault when a read-only disk is mounted over its folder, and loses nothing', async () => {
    world.before = ['unshare', '--mount', '--propagation', 'private'];
    await startWithBan();
    const mounts = (...argv: readonly string[]): unknown =>
      execFileSync('nsenter', ['--mount', '--target', String(world.child?.pid), ...argv]);
    mounts('mount', '-t', 'tmpfs', '-o', 'ro', 'tmpfs', dirname(file()));
    await expect(world.ban(['198.51.100.1'])).rejects.toThrow(
      /trapline\.db: the file was deleted while in use, and cannot be written anew: EROFS: .*; put it back or make its folder writable/,
    );
    world.write(trapLine('203.0.113.2'));
    await eventually('the ban is in the firewall', () => inFirewall().includes('203.0.113.2'));
    expect(await world.status()).toMatchObject({ unwritten: 1, ledgerFault: expect.stringContaining('EROFS') as string });
    mounts('umount', dirname(file()));
    await eventually('the hit is written', async () => (await world.status()).unwritten === 0);
    expect(world.rows('SELECT address FROM hits ORDER BY id')).toEqual([{ address: '203.0.113.1' }, { address: '203.0.113.2' }]);
  });
});

describe.runIf(root)('one ledger', () => {
  it('counts each line once when three backfills without a daemon read the log at once', async () => {
    const count = 20_000;
    const now = Date.now();
    world.write(...Array.from({ length: count }, (_, number) => trapLine('203.0.113.1', { at: now - 2 * number, number })));
    const places = ['--config', world.config, '--state', world.state, '--socket', world.socket];
    const [program = '', ...args] = world.inside(...world.program, 'backfill', world.log, ...places);
    const ends = await Promise.all(
      [1, 2, 3].map(async () =>
        promisify(execFile)(program, args).then(
          () => 'done',
          (error: { stderr: string }) => error.stderr,
        ),
      ),
    );
    expect(ends).toContain('done');
    for (const end of ends) expect(end).toMatch(/^done$|another trapline writes to it/);
    expect(world.rows('SELECT count(*) AS hits, count(DISTINCT key) AS keys FROM hits')).toEqual([{ hits: count, keys: count }]);
  });

  it('has one writer: a second daemon with another socket, or a command, is refused and changes nothing', async () => {
    await startWithBan();
    const second = join(world.folder, 'second.sock');
    const places = ['--config', world.config, '--state', world.state, '--socket', second];
    const command = async (...words: readonly string[]): Promise<string> => {
      const [program = '', ...args] = world.inside(...world.program, ...words, ...places);
      return promisify(execFile)(program, args).then(
        () => 'done',
        (error: { stderr: string }) => error.stderr,
      );
    };
    const refused = /^trapline: \S+trapline\.db: another trapline writes to it, stop it or wait .*; nothing was changed\n$/;
    const answers = await Promise.all([command('run'), command('ban', '198.51.100.1'), command('backfill', world.log)]);
    for (const answer of answers) expect(answer).toMatch(refused);
    expect(inFirewall()).toEqual(['203.0.113.1']);
    expect((await world.status()).hits).toBe(1);
  });
});
