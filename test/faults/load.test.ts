import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { compile, eventually, trapLine, World } from '../support/faults/daemon.mjs';
import { root } from '../support/privileges.ts';

const LOAD = join(import.meta.dirname, '..', '..', 'bench', 'load.mjs');
const SOAK = join(import.meta.dirname, '..', '..', 'bench', 'soak.mjs');

const CLIENTS = 30_000;
const clientOf = (n: number): string => `10.0.${n >> 8}.${n & 255}`;

describe.runIf(root)('under load', () => {
  beforeAll(() => compile(), 120_000);

  it('B09: every hit is counted, every ban is set, and every ban ends at its time', { timeout: 180_000 }, async () => {
    const words = ['--seconds=8', '--lines=15000', '--hits=500', '--expiries=40'];
    const program = spawn(process.execPath, [LOAD, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(program, 'close');
    const [line] = (await program.stdout.toArray()) as Buffer[];
    expect(JSON.parse(String(line))).toMatchObject({ faults: [], linesTaken: 120_000, hitsTaken: 4000, expiriesEnded: 40 });
    expect(await ended).toEqual([0, null]);
  });

  it(
    'with rotations, reloads, flushes and requests, no hit is lost or counted twice, and ledger and firewall hold what was acknowledged',
    { timeout: 180_000 },
    async () => {
      const program = spawn(process.execPath, [SOAK, '0.5'], { stdio: ['ignore', 'pipe', 'inherit'] });
      const ended = once(program, 'close');
      const [line] = (await program.stdout.toArray()) as Buffer[];
      expect(JSON.parse(String(line))).toMatchObject({ faults: [] });
      expect(await ended).toEqual([0, null]);
    },
  );

  describe('the bans of more clients than nft can list in time', () => {
    let world: World;

    afterEach(() => world.remove());

    it('B10: are all set, stay in force, are set again after a flush, and are lifted', { timeout: 120_000 }, async () => {
      world = new World({ config: 'sync: 2s\nlog_level: notice' });
      await world.start();
      world.write(...Array.from({ length: CLIENTS }, (_, n) => trapLine(clientOf(n))));
      const action = async (): Promise<unknown> => (await world.status()).actions[0];
      await eventually('all hits are recorded', async () => (await world.status()).hits === CLIENTS, 60_000);
      await eventually('no bans are pending', async () => (await world.status()).actions[0]?.owed === 0);
      const some = Array.from({ length: 500 }, (_, n) => clientOf(n * 60));
      expect(world.holds(some)).toBe(true);
      expect(await action()).toMatchObject({ state: 'ok', drift: 0 });
      world.run('nft', 'flush', 'ruleset');
      await eventually('all bans are back', () => world.holds(some), 60_000);
      expect(world.firewall().size).toBe(CLIENTS);
      expect(await action()).toMatchObject({ state: 'ok', owed: 0 });
      expect(world.said).toMatch(/nftables: of \d+ bans in a sample, some were missing; correcting the firewall/);
      // The daemon sums up the 30,000 bans in about 30 lines of its log.
      expect(world.said.split('\n').length).toBeLessThan(2000);
      expect(await world.bans()).toHaveLength(CLIENTS);
      await world.unban(['10.0.0.0/16']);
      await eventually('no bans are pending', async () => (await world.status()).actions[0]?.owed === 0);
      expect(world.firewall().size).toBe(0);
      expect(await world.bans()).toEqual([]);
    });
  });
});
