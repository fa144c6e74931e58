import { chmodSync, chownSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

function asNobody(of: World): void {
  of.before = AS_NOBODY;
  of.program = lent.program;
}

beforeAll(() => {
  compile();
  lent = lendProgram();
}, 120_000);
afterAll(() => lent.remove());
afterEach(() => world.remove());

const client = (number: number): string => `203.0.113.${number}`;

/** Waits until `times` hits are recorded and their bans are in the firewall. Returns the client of each hit. */
async function counted(times: number): Promise<readonly string[]> {
  await eventually(`${times} hits`, async () => (await world.status()).hits >= times);
  const clients = world.rows('SELECT address FROM hits ORDER BY address').map(({ address }) => String(address));
  await eventually('all bans are in the firewall', () => [...world.firewall().keys()].toSorted().join() === clients.join());
  return clients;
}

const clients = (...numbers: readonly number[]): readonly string[] => numbers.map(client);

/** The state of a source that the daemon may not read (A3). */
const denied = (path: string, next: string): unknown =>
  expect.objectContaining({
    state: `permission denied, ${next}`,
    fault: `${path}: permission denied, read it as root or as a member of its group (adm on Debian)`,
    blind: true,
  });

describe.runIf(root)('a log', () => {
  beforeEach(() => {
    world = new World();
  });

  it('that cannot be read for some time is later read without a gap', async () => {
    for (const path of [world.folder, join(world.folder, 'state'), world.log]) chownSync(path, NOBODY, NOBODY);
    asNobody(world);
    await world.start();
    world.write(trapLine(client(1)));
    expect(await counted(1)).toEqual(clients(1));
    // After this rotation only root can read the new file. A wrong "create" line of logrotate has this effect.
    renameSync(world.log, `${world.log}.1`);
    writeFileSync(world.log, trapLine(client(2)), { mode: 0o600 });
    await eventually('the fault is logged', () => world.said.includes('mail.log: cannot be opened'));
    expect((await world.status()).sources).toEqual([denied(world.log, 'tried again every second')]);
    world.write(trapLine(client(3)));
    chmodSync(world.log, 0o644);
    expect(await counted(3)).toEqual(clients(1, 2, 3));
    chmodSync(world.log, 0o000);
    world.write(trapLine(client(4)));
    expect(await counted(4)).toEqual(clients(1, 2, 3, 4));
    expect(world.said.match(/cannot be opened/g)).toHaveLength(1);
  });

  it('that cannot be read at the start is read as soon as it is readable', async () => {
    for (const path of [world.folder, join(world.folder, 'state')]) chownSync(path, NOBODY, NOBODY);
    chmodSync(world.log, 0o600);
    asNobody(world);
    world.write(trapLine(client(1)));
    await world.start();
    await eventually('the fault is logged', () => /mail\.log: permission denied, .*; next try in 10 s/.test(world.said));
    expect((await world.status()).sources).toEqual([denied(world.log, 'next try in 10 s')]);
    chmodSync(world.log, 0o644);
    expect(await counted(1)).toEqual(clients(1));
  });

  it('of a pattern that cannot be read after a restart is read later, from the place where the daemon had stopped reading', async () => {
    const folder = join(world.folder, 'log');
    mkdirSync(folder);
    const log = join(folder, 'mail.log');
    writeFileSync(log, '');
    for (const path of [world.folder, join(world.folder, 'state'), folder, log]) chownSync(path, NOBODY, NOBODY);
    asNobody(world);
    world.configure(`sources: ['${folder}/*.log']`);
    await world.start();
    await eventually('the log is followed', () => world.rows('SELECT source FROM cursors').length === 1);
    writeFileSync(log, trapLine(client(1)), { flag: 'a' });
    expect(await counted(1)).toEqual(clients(1));
    await world.kill();
    chmodSync(log, 0o000);
    writeFileSync(log, trapLine(client(2)), { flag: 'a' });
    await world.start();
    await eventually('the fault is logged', () => /mail\.log: permission denied/.test(world.said));
    expect((await world.status()).sources).toEqual([denied(log, 'tried again every second')]);
    chmodSync(log, 0o640);
    expect(await counted(2)).toEqual(clients(1, 2));
  });

  it('is followed again when its folder is deleted and created again', async () => {
    const folder = join(world.folder, 'log');
    mkdirSync(folder);
    world.configure(`sources: ['${folder}/mail.log']`);
    writeFileSync(join(folder, 'mail.log'), trapLine(client(9)));
    await world.start();
    await eventually('the log is followed', async () => (await world.status()).sources[0]?.state === 'following 1 file');
    writeFileSync(join(folder, 'mail.log'), trapLine(client(1)), { flag: 'a' });
    expect(await counted(1)).toEqual(clients(1));
    rmSync(folder, { recursive: true });
    await eventually(
      'the daemon waits for the log',
      async () => (await world.status()).sources[0]?.state === 'waiting for the file',
    );
    mkdirSync(folder);
    writeFileSync(join(folder, 'mail.log'), trapLine(client(2)));
    expect(await counted(2)).toEqual(clients(1, 2));
    writeFileSync(join(folder, 'mail.log'), trapLine(client(3)), { flag: 'a' });
    expect(await counted(3)).toEqual(clients(1, 2, 3));
  });

  it('that is created and matches a pattern is read from its start, even after a restart', async () => {
    const folder = join(world.folder, 'log');
    mkdirSync(folder);
    world.configure(`sources: ['${folder}/*.log']`);
    await world.start();
    await eventually('the daemon waits for a log', () => world.said.includes('matches no file yet'));
    writeFileSync(join(folder, 'one.log'), trapLine(client(1)));
    expect(await counted(1)).toEqual(clients(1));
    writeFileSync(join(folder, 'two.log'), trapLine(client(2)));
    expect(await counted(2)).toEqual(clients(1, 2));
    await world.kill();
    writeFileSync(join(folder, 'one.log'), trapLine(client(3)), { flag: 'a' });
    writeFileSync(join(folder, 'three.log'), trapLine(client(4)));
    await world.start();
    expect(await counted(4)).toEqual(clients(1, 2, 3, 4));
  });

  it.each(['/mail.log', '/*.log'])('that is created while the daemon is stopped is read from its start (%s)', async (name) => {
    const folder = join(world.folder, 'log');
    mkdirSync(folder);
    world.configure(`sources: ['${folder}${name}']`);
    await world.start();
    await eventually(
      'the daemon waits for the log',
      async () => (await world.status()).sources[0]?.state === 'waiting for the file',
    );
    await eventually('the absence of the log is recorded', () => world.rows('SELECT source FROM cursors').length === 1);
    await world.kill();
    writeFileSync(join(folder, 'mail.log'), trapLine(client(1)));
    await world.start();
    expect(await counted(1)).toEqual(clients(1));
  });
});

describe.runIf(root)('a daemon that cannot watch files with inotify', () => {
  it.each(['max_inotify_instances', 'max_inotify_watches'])('polls logs every second, and logs this (%s)', async (limit) => {
    world = new World({ namespace: false, config: 'actions: [print]' });
    // The limits of a user namespace apply only to the programs in it.
    const lower = `echo 0 >/proc/sys/user/${limit} && exec "$0" "$@"`;
    world.before = ['unshare', '--user', '--map-root-user', 'sh', '-c', lower];
    await world.start();
    world.write(trapLine(client(1)));
    await eventually('the hit is recorded', async () => (await world.status()).hits === 1);
    expect(world.said).toMatch(/cannot be watched: .*; its files are polled every second/);
    renameSync(world.log, `${world.log}.1`);
    writeFileSync(world.log, trapLine(client(2)));
    writeFileSync(`${world.log}.1`, trapLine(client(3)), { flag: 'a' });
    await eventually('both hits are recorded', async () => (await world.status()).hits === 3);
  });
});
