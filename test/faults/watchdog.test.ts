import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { listenAsSystemd } from '../support/daemon/systemd-ear.ts';
import { compile, eventually, trapLine, World } from '../support/faults/daemon.mjs';
import { lendProgram } from '../support/faults/lent.ts';
import { root } from '../support/privileges.ts';

/** A user id that only this test uses. The limit of processes counts all processes of a user, so no other program may use this id. */
const USER = 61_000 + (process.pid % 3000);

/** Arguments of setpriv(1). The user has no capability, because CAP_SYS_RESOURCE lifts the limit of processes. */
const AS_USER = [`--reuid=${USER}`, `--regid=${USER}`, '--clear-groups', '--inh-caps=-all'];

/** The size in bytes of the disk that stands for /run. */
const DISK = 65_536;

const isBeat = (message: string): boolean => message.split('\n').includes('WATCHDOG=1');

describe.runIf(root)('the watchdog of a working daemon', () => {
  let world: World;
  let lent: ReturnType<typeof lendProgram>;
  let ear: Awaited<ReturnType<typeof listenAsSystemd>>;
  let folder: string;

  beforeAll(() => {
    compile();
    lent = lendProgram();
  }, 120_000);
  afterAll(() => lent.remove());
  beforeEach(async () => {
    world = new World({ namespace: false, config: 'actions: [print]' });
    folder = join(world.folder, 'run');
    mkdirSync(folder);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK},mode=755`, 'tmpfs', folder]);
    ear = await listenAsSystemd(join(folder, 'notify'));
    chmodSync(join(folder, 'notify'), 0o777);
  });
  afterEach(async () => {
    await world.kill();
    ear.close();
    execFileSync('umount', ['--lazy', folder]);
    await world.remove();
  });

  const start = async (before: readonly string[] = []): Promise<void> => {
    world.before = [...before, 'env', `NOTIFY_SOCKET=${join(folder, 'notify')}`, 'WATCHDOG_USEC=400000'];
    await world.start();
    await beats();
  };
  /** Waits until systemd has received three messages WATCHDOG=1 after this moment. */
  const beats = async (): Promise<void> => {
    const before = ear.heard.length;
    await eventually('three messages WATCHDOG=1', () => ear.heard.slice(before).filter(isBeat).length >= 3);
  };
  const bans = async (address: string): Promise<void> => {
    world.write(trapLine(address));
    await eventually(`${address} is banned`, () => world.said.includes(`would ban ${address} `));
  };
  const pid = (): string => String(world.child?.pid);
  const lowestFree = (): number => {
    const taken = new Set(readdirSync(`/proc/${pid()}/fd`).map(Number));
    let free = 0;
    while (taken.has(free)) free += 1;
    return free;
  };

  it('receives WATCHDOG=1 while no descriptor is free', async () => {
    await start();
    execFileSync('prlimit', ['--pid', pid(), `--nofile=${lowestFree()}:`]);
    await eventually('the shortage is reported', () => world.said.includes('WATCHDOG=1 was sent by logger'));
    await beats();
    await bans('203.0.113.7');
    expect(world.child?.exitCode).toBe(null);
  });

  it('receives WATCHDOG=1 while no process is free', async () => {
    world.program = lent.program;
    execFileSync('chown', ['-R', String(USER), world.folder]);
    for (const path of [world.folder, folder]) chmodSync(path, 0o755);
    await start(['setpriv', ...AS_USER]);
    execFileSync('setpriv', [...AS_USER, 'prlimit', '--pid', pid(), '--nproc=1:']);
    await eventually('the shortage is reported', () => world.said.includes('the limit of processes is reached'));
    await beats();
    await bans('203.0.113.7');
    expect(readFileSync(`/proc/${pid()}/status`, 'utf8')).toMatch(new RegExp(`^Uid:\\s+${USER}`, 'm'));
  });

  it('receives WATCHDOG=1 while the disk of /run is full', async () => {
    await start();
    expect(() => writeFileSync(join(folder, 'ballast'), Buffer.alloc(2 * DISK))).toThrow(/ENOSPC/);
    await beats();
    await bans('203.0.113.7');
    expect(world.said).not.toContain('systemd-notify');
  });
});
