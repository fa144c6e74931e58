import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compile, eventually, otherLine, trapLine, World } from '../support/faults/daemon.mjs';
import { root } from '../support/privileges.ts';

/** The maximum number of descriptors that the daemon may have. Logs leave 48 of these free, and connections may use at most a quarter of them. */
const LIMIT = 128;

describe.runIf(root)('a daemon that is short of descriptors', () => {
  let world: World;
  const held: Socket[] = [];

  beforeAll(() => compile(), 120_000);
  beforeEach(() => {
    world = new World();
    world.before = ['prlimit', `--nofile=${LIMIT}:${LIMIT}`, '--'];
  });
  afterEach(async () => {
    for (const socket of held.splice(0)) socket.destroy();
    await world.remove();
  });

  const pid = (): string => String(world.child?.pid);
  /** The programs that the daemon has started and that have not ended. */
  const children = (): { readonly pid: number; readonly name: string }[] =>
    execFileSync('pgrep', ['--list-name', '--parent', pid()], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map((line) => ({ pid: Number(line.split(' ')[0]), name: line.split(' ')[1] ?? '' }));
  const setLimit = (soft: number): unknown => execFileSync('prlimit', ['--pid', pid(), `--nofile=${soft}:`]);
  const inForce = (address: string): Promise<unknown> =>
    eventually(`${address} is banned`, () => world.firewall().has(address), 60_000);
  const hold = async (count: number): Promise<void> => {
    for (let number = 0; number < count; number += 1) {
      const socket = connect({ path: world.socket, allowHalfOpen: true }).on('error', () => {});
      held.push(socket);
      await once(socket, 'connect');
    }
  };

  it('bans and answers while clients open more connections than it has descriptors', async () => {
    await world.start();
    await hold(2 * LIMIT);
    world.write(trapLine('203.0.113.7'));
    await inForce('203.0.113.7');
    expect(await eventually('status answers', () => world.status().catch(() => undefined))).toMatchObject({ bans: 1 });
    expect(world.said).toContain(`more than ${LIMIT / 4} connections, closed one`);
  });

  it('bans and answers while it cannot open all logs, and names the limit to raise', async () => {
    const folder = join(world.folder, 'logs');
    mkdirSync(folder);
    const logs = Array.from({ length: LIMIT }, (_, number) => join(folder, `${number}.log`));
    for (const log of logs) writeFileSync(log, '');
    world.configure(`sources: [{ type: file, path: '${folder}/*.log', from: start }]`);
    await world.start();
    // Each log has a new line, so that the daemon has to open all of them.
    for (const log of logs) writeFileSync(log, otherLine(1), { flag: 'a' });
    await eventually('a log cannot be opened', () =>
      world.said.includes('EMFILE: too many open files, raise the limit (LimitNOFILE='),
    );
    expect(readdirSync(`/proc/${pid()}/fd`).length).toBeLessThan(LIMIT - 32);
    const bans = await world.ban(['203.0.113.8']);
    expect(bans).toMatchObject({ bans: [{ network: '203.0.113.8' }] });
    expect(world.firewall().has('203.0.113.8')).toBe(true);
    for (const log of logs) writeFileSync(log, trapLine('203.0.113.9'), { flag: 'a' });
    await inForce('203.0.113.9');
  });

  it('keeps a ban pending while no descriptor is free, and sets it when one is free', async () => {
    await world.start();
    await world.ban(['203.0.113.1']);
    await eventually('postconf, which opens and closes descriptors, has ended', () =>
      children().every(({ name }) => name === 'nft'),
    );
    // The session of nft is killed below, so that the next ban has to start a program.
    const sessions = children();
    // With the lowest free number as the limit, no number below the limit is free.
    const taken = new Set(readdirSync(`/proc/${pid()}/fd`).map(Number));
    setLimit(Array.from({ length: LIMIT }, (_, number) => number).find((number) => !taken.has(number)) ?? 0);
    for (const session of sessions) process.kill(session.pid, 'SIGKILL');
    world.write(trapLine('203.0.113.2'));
    await eventually('the ban is pending', () => world.said.includes('this program has no free file descriptor'));
    expect(world.said).toMatch(/cannot be started: this program has no free file descriptor.*; changes are pending, next try in/);
    expect(world.child?.exitCode).toBe(null);
    setLimit(LIMIT);
    await inForce('203.0.113.2');
    expect((await world.status()).actions).toMatchObject([{ state: 'ok', owed: 0 }]);
    expect(world.said).not.toMatch(/unhandled|uncaught|TypeError|    at /i);
  });
});
