import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request, type ClientRequest } from 'node:http';
import { chmodSync, mkdirSync, readFileSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { claimWriter } from '../../src/lib/store/lock.ts';
import { compile, eventually, trapLine, World } from '../support/faults/daemon.mjs';
import { root } from '../support/privileges.ts';

const STOPS = join(import.meta.dirname, '..', '..', 'bench', 'stops.mjs');

/** The longest time that a stop may take on an idle machine (milliseconds). The promise is 2 s, and systemd kills a hanging stop after 10 s. */
const SOON = 6000;

/** The processor time that `slowness` uses to measure the load of the machine (microseconds). */
const SPUN = 200_000;

/** How many seconds one second of processor time takes at present: 1 on an idle machine, 10 if twenty programs share two cores. */
function slowness(): number {
  const begun = performance.now();
  const before = process.cpuUsage().user;
  while (process.cpuUsage().user - before < SPUN);
  return Math.max(1, ((performance.now() - begun) * 1000) / SPUN);
}

const HANGING = `
name: hanging
description: never comes back
open: []
ban:
  - argv: [sleep, '600']
unban:
  - argv: [sleep, '600']
list: []
examples:
  - verb: ban
    entries: { 192.0.2.7: 10m }
    commands: [{ argv: [sleep, '600'] }]
`;

/** The command lines that contain `word`, of all running programs. */
const running = (word: string): readonly string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return line.includes(word) ? [line] : [];
      } catch {
        return []; // The program has ended.
      }
    });

/** True while the process has the file open. */
const hasOpen = (pid: number, file: string): boolean =>
  readdirSync(`/proc/${pid}/fd`).some((descriptor) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${descriptor}`) === file;
    } catch {
      return false; // The process has closed it.
    }
  });

describe.runIf(root)('a stop', () => {
  let world: World;

  beforeAll(() => compile(), 120_000);
  beforeEach(() => {
    world = new World();
  });
  afterEach(() => world.remove());

  const recorded = async (hits: number): Promise<unknown> =>
    eventually(`${hits} hits`, async () => (await world.status()).hits >= hits);
  const expectSoon = async (): Promise<void> => {
    const before = slowness();
    const { code, took } = await world.stop();
    expect(code).toBe(0);
    expect(took).toBeLessThan(SOON * Math.max(before, slowness()));
  };

  it('B15: leaves the bans in the firewall, each with its remaining time', async () => {
    await world.start();
    await world.ban(['203.0.113.7', '2001:db8::/64'], { duration: 3_600_000 });
    await expectSoon();
    expect([...world.firewall().keys()].toSorted()).toEqual(['2001:db8::/64', '203.0.113.7']);
    for (const left of world.firewall().values()) expect(left).toBeGreaterThan(3000);
  });

  it('completes while an action hangs, and ends the programs of the action', async () => {
    const folder = join(world.folder, 'actions');
    mkdirSync(folder);
    // The arguments distinguish the programs of this action from other programs of the machine.
    const mark = `600.${process.pid}`;
    writeFileSync(join(folder, 'hanging.yaml'), HANGING.replaceAll('600', mark));
    world.configure(`actions_folder: '${folder}'\nactions: [hanging, nftables]`);
    await world.start();
    world.write(trapLine('203.0.113.7'));
    await eventually('the action hangs', () => running(mark).length === 1);
    await expectSoon();
    expect(running(mark)).toEqual([]);
    expect(world.firewall().has('203.0.113.7')).toBe(true);
    expect(world.rows('SELECT network FROM bans')).toEqual([{ network: '203.0.113.7/32' }]);
  });

  it('completes while a reload runs', async () => {
    const bin = join(world.folder, 'bin');
    mkdirSync(bin);
    const postconf = join(bin, 'postconf');
    const answer = (script: string): void => {
      writeFileSync(postconf, `#!/bin/sh\n${script}\n`);
      chmodSync(postconf, 0o755);
    };
    answer(`echo '${world.log}'`);
    world.configure('sources: auto');
    world.before = ['env', `PATH=${bin}:${process.env['PATH']}`];
    await world.start();
    await eventually('the log is followed', async () => (await world.status()).sources[0]?.state === 'following 1 file');
    answer(`exec sleep 9.${process.pid}`);
    const reload = world.reload().catch(String);
    await eventually('the reload waits', () => running(`sleep 9.${process.pid}`).length > 0);
    await expectSoon();
    expect(await reload).toMatch(/ECONNRESET|socket hang up/);
    expect(world.said).not.toMatch(/Error|    at /);
  });

  it('completes during a start that waits for the writer of the ledger', async () => {
    const claim = claimWriter(world.state);
    const child = world.spawn();
    await eventually('the daemon tries to open the ledger', () => hasOpen(child.pid ?? 0, `${world.state}-lock`));
    // The signal is sent at once, because the daemon gives up after five seconds.
    const { code } = await world.stop();
    claim.release();
    expect(code).toBe(0);
    expect(world.said).not.toContain('another trapline writes to it');
  });

  it('completes while hits arrive in a stream, and keeps the acknowledged hits', async () => {
    await world.start();
    await world.ban(['203.0.113.9']);
    const hit = { jail: 'spamtrap', rule: 'recipient', address: '203.0.113.7', at: Date.now() - 1000, fields: {} };
    const stream: ClientRequest = request({ socketPath: world.socket, method: 'POST', path: '/v1/hits?from-now=0' });
    const broken = new Promise((resolve) => stream.once('error', resolve));
    let sent = 0;
    const timer = setInterval(() => {
      for (let count = 0; count < 200; count += 1) {
        sent += 1;
        const key = sent.toString(16).padStart(16, '0');
        stream.write(`${JSON.stringify({ ...hit, address: `10.1.${(sent >> 8) & 255}.${sent & 255}`, key })}\n`);
      }
    }, 10);
    await recorded(1000);
    await expectSoon();
    clearInterval(timer);
    await broken;
    const bans = Number(world.rows('SELECT count(*) AS bans FROM bans')[0]?.['bans']);
    expect(world.firewall().size).toBeGreaterThan(1);
    await world.start();
    expect(world.firewall().size).toBe(bans);
    expect((await world.bans()).map(({ network }) => network)).toContain('203.0.113.9');
  });

  it('in the middle of a burst loses no hit and counts no hit twice', async () => {
    await world.start();
    let written = 0;
    for (let round = 0; round < 5; round += 1) {
      const stop = new AbortController();
      const writing = (async () => {
        // Writes at most 2,000 lines. A slow machine could not read more lines within the time limit of a test.
        for (let piece = 0; piece < 100 && !stop.signal.aborted; piece += 1) {
          const lines = Array.from({ length: 20 }, () => {
            written += 1;
            return trapLine(`10.2.${(written >> 8) & 255}.${written & 255}`);
          });
          world.write(...lines);
          await sleep(3);
        }
      })();
      await sleep(100);
      await expectSoon();
      stop.abort();
      await writing;
      await world.start();
    }
    await recorded(written);
    const rows = world.rows('SELECT count(*) AS hits, count(DISTINCT address) AS clients FROM hits');
    expect(rows).toEqual([{ hits: written, clients: written }]);
    await eventually('all bans are in the firewall', () => world.firewall().size === written);
  });

  it('completes at random moments under load, also during the start, and ends all programs', { timeout: 300_000 }, async () => {
    const program = spawn(process.execPath, [STOPS, '8'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const ended = once(program, 'close');
    const [line] = (await program.stdout.toArray()) as Buffer[];
    expect(JSON.parse(String(line))).toMatchObject({ stops: 8, faults: [] });
    expect(await ended).toEqual([0, null]);
  });
});
