// Tests the answers of a daemon that may not change the firewall: it was started without CAP_NET_ADMIN, as in a container.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compile, eventually, PROGRAM, trapLine, World } from '../support/faults/daemon.mjs';
import { root } from '../support/privileges.ts';

const WITHOUT = ['setpriv', '--bounding-set=-net_admin', '--inh-caps=-net_admin'];

const REASON =
  'nftables: nft -f -: Operation not permitted (you must be root): CAP_NET_ADMIN is missing (a container? see "systemctl cat trapline")';

describe.runIf(root)('A2: a daemon without CAP_NET_ADMIN', () => {
  let world: World;

  beforeAll(() => compile(), 120_000);
  beforeEach(() => {
    world = new World({ config: 'sync: 1s' });
  });
  afterEach(() => world.remove());

  /** Runs a command that uses the daemon. */
  function run(...words: readonly string[]): { code: number | null; out: string; err: string } {
    const [program, ...args] = [...PROGRAM, ...words, '--socket', world.socket];
    const { status, stdout, stderr } = spawnSync(program ?? '', args, { encoding: 'utf8' });
    return { code: status, out: stdout, err: stderr };
  }

  it('reports in every answer and in its log that bans are recorded and not in force, and sets them as soon as it has the capability', async () => {
    world.before = WITHOUT;
    await world.start();
    expect(run('ban', '203.0.113.50', '--for', '1h')).toMatchObject({
      code: 69,
      err: `trapline: 203.0.113.50: recorded, not in force: ${REASON}; it is tried again until it succeeds\n`,
    });
    world.write(trapLine('203.0.113.12'));
    await eventually('the hit is logged', () => world.said.includes('spamtrap: ban 203.0.113.12'));
    expect(world.said).toContain(`; recorded, not in force: ${REASON}\n`);
    expect(world.said).toMatch(/trapline \S+ started: .*, bans in nftables, 0 bans, nftables fails: nft -f -: /);
    expect(run('bans')).toMatchObject({ code: 69, err: expect.stringContaining(': recorded, not in force: nftables: ') });
    writeFileSync(join(world.folder, 'old.log'), `${trapLine('203.0.113.13')}\n`);
    expect(run('backfill', join(world.folder, 'old.log'))).toMatchObject({
      code: 69,
      out: '1 hit in 1 file, 1 ban: 1 recorded but not in force\n',
      err: expect.stringContaining('203.0.113.13: recorded, not in force: nftables: '),
    });
    const status = run('status');
    expect(status.code).toBe(69);
    expect(status.out).toMatch(/^NOT WORKING {2}\S+: nftables owes 3 bans since \d\d:\d\d \(nft -f -: Operation not permitted/);
    expect(JSON.parse(run('status', '--json').out)).toMatchObject({ state: 'NOT WORKING' });
    expect(run('unban', '203.0.113.50')).toMatchObject({
      code: 69,
      out: 'unbanned 203.0.113.50 (manual)\n',
      err: expect.stringContaining('203.0.113.50: recorded, not removed from the firewall yet: '),
    });
    await world.stop();

    world.before = [];
    await world.start();
    await eventually('the ban is in the firewall', () => world.holds(['203.0.113.12', '203.0.113.13']));
    expect(run('bans')).toMatchObject({ code: 0, err: '' });
    expect(run('status')).toMatchObject({ code: 0, out: expect.stringMatching(/^working {2}/) });
  });
});
