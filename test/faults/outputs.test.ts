import { closeSync, openSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compile, eventually, trapLine, World } from '../support/faults/daemon.mjs';
import { root } from '../support/privileges.ts';

describe.runIf(root)('a daemon that cannot write its log', () => {
  let world: World;

  beforeAll(() => compile(), 120_000);
  beforeEach(() => {
    world = new World({ config: 'actions: [nftables, print]' });
  });
  afterEach(() => world.remove());

  /** Makes the daemon ban three clients, and stops it. Resolves to a part of the status before the stop, and the exit code. */
  const bansAndStops = async (): Promise<unknown> => {
    for (const address of ['203.0.113.7', '203.0.113.8', '203.0.113.9']) {
      world.write(trapLine(address));
      await eventually(`${address} is banned`, () => world.firewall().has(address));
    }
    const { bans, actions } = await world.status();
    return { bans, actions, code: (await world.stop()).code };
  };
  const WELL = { bans: 3, actions: [{ state: 'ok' }, { state: 'ok' }], code: 0 };

  it('goes on when the readers of standard error and standard output have ended', async () => {
    await world.start();
    world.child?.stderr?.destroy();
    world.child?.stdout?.destroy();
    expect(await bansAndStops()).toMatchObject(WELL);
  });

  it('goes on when the disk of its log is full', async () => {
    const full = openSync('/dev/full', 'w');
    world.outputs = full;
    await world.start();
    closeSync(full);
    expect(await bansAndStops()).toMatchObject(WELL);
  });

  it('leaves out lines while nobody reads its outputs, and reports their number when somebody does', async () => {
    const networks = Array.from(
      { length: 5000 },
      (_, index) => `2001:db8:${(index >> 8).toString(16)}:${(index & 255).toString(16)}::/64`,
    );
    world.configure('actions: [print]');
    await world.start();
    world.child?.stdout?.pause();
    for (let round = 0; round < 3; round += 1) {
      await world.ban(networks);
      await world.unban(networks);
    }
    world.child?.stdout?.resume();
    await eventually('a line gives the number of missing lines', async () => {
      await world.ban(['203.0.113.7']);
      await world.unban(['203.0.113.7']);
      return world.said.includes('lines are missing');
    });
    expect(world.said).toMatch(/^[1-9]\d* lines are missing before this line, because no program read them$/m);
  });
});
