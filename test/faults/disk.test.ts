import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compile, eventually, trapLine, World } from '../support/faults/daemon.mjs';
import { root } from '../support/privileges.ts';

/** A mount namespace in which a folder is a separate disk. The test opens the folder below /proc/PID/root. */
class Disk {
  readonly #holder: ChildProcess;
  readonly #folder: string;

  constructor(folder: string, size: string) {
    this.#folder = folder;
    const script = `mount -t tmpfs -o size=${size} tmpfs "$0" && exec sleep 3600`;
    this.#holder = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script, folder], { stdio: 'ignore' });
  }

  /** The argv that runs a program in the mount namespace. */
  get inside(): readonly string[] {
    return ['nsenter', '--mount', '--target', String(this.#holder.pid)];
  }

  /** Resolves when the disk is mounted. */
  async ready(): Promise<void> {
    await eventually('the disk is mounted', () => this.#mounts().includes(` ${this.#folder} tmpfs`));
  }

  /** Runs a program in the mount namespace. Returns its output. */
  run(...argv: readonly string[]): string {
    const [program = '', ...args] = [...this.inside, ...argv];
    return execFileSync(program, args, { encoding: 'utf8' }).trim();
  }

  /** Writes to the disk until it is full. */
  fill(): void {
    const file = openSync(this.#filler, 'a');
    try {
      for (let size = 65_536; size >= 1; size /= 2) this.#write(file, size);
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(this.#filler);
  }

  async remove(): Promise<void> {
    const ended = once(this.#holder, 'exit');
    this.#holder.kill('SIGKILL');
    await ended;
  }

  get #filler(): string {
    return join(`/proc/${this.#holder.pid}/root`, this.#folder, 'filler');
  }

  #mounts(): string {
    return execFileSync('cat', [`/proc/${this.#holder.pid}/mounts`], { encoding: 'utf8' });
  }

  #write(file: number, size: number): void {
    try {
      for (;;) if (writeSync(file, Buffer.alloc(size)) < size) return;
    } catch {
      // The disk has no room for a piece of this size.
    }
  }
}

describe.runIf(root)('a full disk', () => {
  let world: World;
  let disk: Disk;

  beforeAll(() => compile(), 120_000);
  beforeEach(async () => {
    world = new World({ config: 'sync: 1s\ndefaults: { bantime: 1h }' });
    disk = new Disk(join(world.folder, 'state'), '6m');
    await disk.ready();
    world.before = disk.inside;
    await world.start();
    world.write(trapLine('203.0.113.1'));
    await eventually('the first ban is recorded', async () => (await world.status()).hits === 1);
  });
  afterEach(async () => {
    await world.remove();
    await disk.remove();
  });

  const inFirewall = (): readonly string[] => [...world.firewall().keys()].toSorted();
  const hits = (): readonly string[] =>
    disk.run('sqlite3', world.state, "SELECT address || ' ' || verdict FROM hits ORDER BY id").split('\n');
  const waiting = async (count: number): Promise<unknown> =>
    eventually(`${count} hits are not yet written`, async () => (await world.status()).unwritten === count);
  /** Waits until the firewall has exactly these bans. */
  const firewallHolds = async (...clients: readonly string[]): Promise<unknown> =>
    eventually(`the firewall holds ${clients.join(', ')}`, () => inFirewall().join(' ') === clients.join(' '));
  const times = (text: RegExp): number => world.said.match(text)?.length ?? 0;

  it('prevents no ban: every ban is in force, is listed, survives every sync, and is set once', async () => {
    disk.fill();
    world.write(trapLine('203.0.113.2'), trapLine('203.0.113.3'));
    await eventually('both bans are in the firewall', () => world.firewall().size === 3);
    world.write(trapLine('203.0.113.2', { number: 2 }), trapLine('203.0.113.2', { number: 3 }));
    await waiting(4);
    await sleep(2500); // Waits for two syncs.
    expect(inFirewall()).toEqual(['203.0.113.1', '203.0.113.2', '203.0.113.3']);
    expect((await world.bans()).map(({ network, offence }) => `${network} ${offence}`).toSorted()).toEqual([
      '203.0.113.1 1',
      '203.0.113.2 1',
      '203.0.113.3 1',
    ]);
    expect((await world.status()).actions).toEqual([expect.objectContaining({ state: 'ok', drift: 0, owed: 0 })]);
    expect(times(/are kept in memory/g)).toBe(1);
  });

  it('gets every hit as soon as it has room again, and the daemon logs that it can write the ledger again', async () => {
    disk.fill();
    world.write(trapLine('203.0.113.2'), trapLine('203.0.113.2', { number: 2 }), trapLine('203.0.113.3'));
    await waiting(3);
    disk.free();
    await waiting(0);
    expect(hits()).toEqual(['203.0.113.1 ban', '203.0.113.2 ban', '203.0.113.2 held', '203.0.113.3 ban']);
    expect([times(/are kept in memory/g), times(/can be written again, nothing was lost/g)]).toEqual([1, 1]);
    await world.kill();
    await world.start();
    expect((await world.status()).hits).toBe(4);
    expect(inFirewall()).toEqual(['203.0.113.1', '203.0.113.2', '203.0.113.3']);
  });

  it('loses no hit when the daemon is killed, because the next start reads the lines of unwritten hits again', async () => {
    disk.fill();
    world.write(trapLine('203.0.113.2'), trapLine('203.0.113.3'));
    await waiting(2);
    await world.kill();
    disk.free();
    await world.start();
    await eventually('all hits are recorded', async () => (await world.status()).hits === 3);
    expect(hits()).toEqual(['203.0.113.1 ban', '203.0.113.2 ban', '203.0.113.3 ban']);
    await firewallHolds('203.0.113.1', '203.0.113.2', '203.0.113.3');
  });

  it('makes bans and unbans by hand fail with one line, and they change nothing', async () => {
    disk.fill();
    world.write(trapLine('203.0.113.2'));
    await waiting(1);
    const refusals = await Promise.allSettled([world.ban(['198.51.100.1']), world.unban(['203.0.113.1'])]);
    for (const refusal of refusals) {
      expect(refusal).toMatchObject({
        status: 'rejected',
        reason: { message: expect.stringMatching(/trapline\.db: cannot be read or written: .*, make room on its disk$/) as string },
      });
    }
    await firewallHolds('203.0.113.1', '203.0.113.2');
    disk.free();
    await world.unban(['203.0.113.2']);
    await firewallHolds('203.0.113.1');
  });

  it('does not keep a ban in force after its end', async () => {
    world.configure('sync: 1h\ndefaults: { bantime: 3s }');
    await world.reload();
    world.write(trapLine('203.0.113.2'));
    await eventually('the hit is recorded', async () => (await world.status()).hits === 2);
    disk.fill();
    world.write(trapLine('203.0.113.3'));
    await waiting(1);
    await eventually('both bans are lifted', () => times(/unban 203\.0\.113\.[23]: its time is over/g) === 2);
    await firewallHolds('203.0.113.1');
    expect((await world.bans()).map(({ network }) => network)).toEqual(['203.0.113.1']);
    disk.free();
    await waiting(0);
    world.write(trapLine('203.0.113.3', { number: 2 }));
    await eventually('the next offence', async () => (await world.bans()).some(({ offence }) => offence === 2));
    expect(times(/unban/g)).toBe(2);
  });

  it('does not prevent a new start, which reads unwritten hits again and bans their clients', async () => {
    disk.fill();
    world.write(trapLine('203.0.113.2'));
    await waiting(1);
    expect(await world.stop()).toMatchObject({ code: 0 });
    expect(times(/hits not written down: 1; the next start reads them from the log again/g)).toBe(1);
    disk.fill(); // The daemon freed some room when it ended.
    await world.start();
    await waiting(1);
    await firewallHolds('203.0.113.1', '203.0.113.2');
    disk.free();
    await waiting(0);
    expect(hits()).toEqual(['203.0.113.1 ban', '203.0.113.2 ban']);
  });
});
