import { chmodSync, chownSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compile, eventually, trapLine, World } from '../support/faults-daemon.mjs';
import { root } from '../support/privileges.ts';

/** The user that runs the daemon where rights matter, as the unit does: with the firewall's capability and no other. */
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

beforeAll(() => compile(), 120_000);
afterEach(() => world.remove());

const client = (number: number): string => `203.0.113.${number}`;

/** The clients that have been counted, once for each time, when there are so many; each of them is in the firewall then. */
async function counted(times: number): Promise<readonly string[]> {
  await eventually(`${times} hits`, async () => (await world.status()).hits >= times);
  const clients = world.rows('SELECT address FROM hits ORDER BY address').map(({ address }) => String(address));
  await eventually('all are in the firewall', () => [...world.firewall().keys()].toSorted().join() === clients.join());
  return clients;
}

const clients = (...numbers: readonly number[]): readonly string[] => numbers.map(client);

describe.runIf(root)('a log', () => {
  beforeEach(() => {
    world = new World();
  });

  it('whose permission is lost and regained gives every line', async () => {
    for (const path of [world.folder, join(world.folder, 'state'), world.log]) chownSync(path, NOBODY, NOBODY);
    world.before = AS_NOBODY;
    await world.start();
    world.write(trapLine(client(1)));
    expect(await counted(1)).toEqual(clients(1));
    // Rotated, and the new file made for root alone: what happens when logrotate's "create" line is wrong.
    renameSync(world.log, `${world.log}.1`);
    writeFileSync(world.log, trapLine(client(2)), { mode: 0o600 });
    await eventually('it is told', () => world.said.includes('mail.log: cannot be opened'));
    world.write(trapLine(client(3)));
    chmodSync(world.log, 0o644);
    expect(await counted(3)).toEqual(clients(1, 2, 3));
    chmodSync(world.log, 0o000);
    world.write(trapLine(client(4)));
    expect(await counted(4)).toEqual(clients(1, 2, 3, 4));
    expect(world.said.match(/cannot be opened/g)).toHaveLength(1);
  });

  it('that cannot be read at the start is waited for', async () => {
    for (const path of [world.folder, join(world.folder, 'state')]) chownSync(path, NOBODY, NOBODY);
    chmodSync(world.log, 0o600);
    world.before = AS_NOBODY;
    world.write(trapLine(client(1)));
    await world.start();
    await eventually('it is told', () => /mail\.log: permission denied, .*; read again in 10 s/.test(world.said));
    chmodSync(world.log, 0o644);
    expect(await counted(1)).toEqual(clients(1));
  });

  it('of a pattern that cannot be read after a restart is read on where it was', async () => {
    const folder = join(world.folder, 'log');
    mkdirSync(folder);
    const log = join(folder, 'mail.log');
    writeFileSync(log, '');
    for (const path of [world.folder, join(world.folder, 'state'), folder, log]) chownSync(path, NOBODY, NOBODY);
    world.before = AS_NOBODY;
    world.configure(`sources: ['${folder}/*.log']`);
    await world.start();
    await eventually('it is followed', () => world.rows('SELECT source FROM cursors').length === 1);
    writeFileSync(log, trapLine(client(1)), { flag: 'a' });
    expect(await counted(1)).toEqual(clients(1));
    await world.kill();
    chmodSync(log, 0o000);
    writeFileSync(log, trapLine(client(2)), { flag: 'a' });
    await world.start();
    await eventually('it is told', () => /mail\.log: permission denied/.test(world.said));
    chmodSync(log, 0o640);
    expect(await counted(2)).toEqual(clients(1, 2));
  });

  it('whose directory vanishes and comes back is followed again', async () => {
    const folder = join(world.folder, 'log');
    mkdirSync(folder);
    world.configure(`sources: ['${folder}/mail.log']`);
    writeFileSync(join(folder, 'mail.log'), trapLine(client(9)));
    await world.start();
    await eventually('it is followed', async () => (await world.status()).sources[0]?.state === 'following 1 file');
    writeFileSync(join(folder, 'mail.log'), trapLine(client(1)), { flag: 'a' });
    expect(await counted(1)).toEqual(clients(1));
    rmSync(folder, { recursive: true });
    await eventually('it is missed', async () => (await world.status()).sources[0]?.state === 'waiting for the file');
    mkdirSync(folder);
    writeFileSync(join(folder, 'mail.log'), trapLine(client(2)));
    expect(await counted(2)).toEqual(clients(1, 2));
    writeFileSync(join(folder, 'mail.log'), trapLine(client(3)), { flag: 'a' });
    expect(await counted(3)).toEqual(clients(1, 2, 3));
  });

  it('that comes to match a pattern is read from its start, also over a restart', async () => {
    const folder = join(world.folder, 'log');
    mkdirSync(folder);
    world.configure(`sources: ['${folder}/*.log']`);
    await world.start();
    await eventually('it is waited for', () => world.said.includes('matches no file yet'));
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

  it.each(['/mail.log', '/*.log'])('that appears while the daemon is down is read from its start (%s)', async (name) => {
    const folder = join(world.folder, 'log');
    mkdirSync(folder);
    world.configure(`sources: ['${folder}${name}']`);
    await world.start();
    await eventually('it is waited for', async () => (await world.status()).sources[0]?.state === 'waiting for the file');
    await eventually('that is stored', () => world.rows('SELECT source FROM cursors').length === 1);
    await world.kill();
    writeFileSync(join(folder, 'mail.log'), trapLine(client(1)));
    await world.start();
    expect(await counted(1)).toEqual(clients(1));
  });
});

describe.runIf(root)('a machine whose inotify is exhausted', () => {
  it.each(['max_inotify_instances', 'max_inotify_watches'])('looks at logs every second, and says so (%s)', async (limit) => {
    world = new World({ namespace: false, config: 'actions: [print]' });
    // The limits of a user namespace count for whoever is in it, and are nobody else's.
    const lower = `echo 0 >/proc/sys/user/${limit} && exec "$0" "$@"`;
    world.before = ['unshare', '--user', '--map-root-user', 'sh', '-c', lower];
    await world.start();
    world.write(trapLine(client(1)));
    await eventually('the hit is recorded', async () => (await world.status()).hits === 1);
    expect(world.said).toMatch(/cannot be watched: .*; its files are looked at every second/);
    renameSync(world.log, `${world.log}.1`);
    writeFileSync(world.log, trapLine(client(2)));
    writeFileSync(`${world.log}.1`, trapLine(client(3)), { flag: 'a' });
    await eventually('both hits are recorded', async () => (await world.status()).hits === 3);
  });
});
