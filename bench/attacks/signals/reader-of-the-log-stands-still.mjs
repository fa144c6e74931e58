// The program that reads the outputs of the daemon is stopped, so that the pipes become full.
import { execFileSync } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, slowness } from '../lib/attack.mjs';

await attack(
  'bans go on while the program that reads the outputs is stopped',
  async (world) => {
    const pipe = join(world.folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const held = openSync(pipe, 'r+'); // Nobody reads from it.
    world.outputs = held;
    await world.start();
    for (let round = 0; round < 10; round += 1) {
      const client = (index) => `2001:db8:${(round * 500 + index).toString(16)}::1`;
      world.write(...Array.from({ length: 500 }, (_, index) => trapLine(client(index), { number: round * 500 + index })));
      await sleep(150);
    }
    await eventually('every hit is on record', async () => (await world.status()).hits === 5000, 10_000 * slowness());
    await eventually('every ban is set', () => world.firewall().size === 5000, 10_000 * slowness());
    const { code } = await world.stop();
    must(code === 0, `the daemon ended with ${code}`);
  },
  { config: 'actions: [nftables, print]\nlog_level: debug', started: false, after: false },
);
