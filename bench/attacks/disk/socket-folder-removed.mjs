// Somebody removes the folder of the socket while the daemon runs. The daemon, or the next one, has to make it.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, slowness } from '../lib/attack.mjs';
import { inFirewall } from '../lib/disk.mjs';

await attack(
  'a daemon without its socket bans on, makes the folder and the socket again, and stops cleanly without them',
  async (world) => {
    mkdirSync(join(world.folder, 'run'));
    world.socket = join(world.folder, 'run', 'control.sock');
    await world.start();
    rmSync(join(world.folder, 'run'), { recursive: true });
    world.write(trapLine('203.0.113.1'));
    await inFirewall(world, ['203.0.113.1']);
    await eventually('the socket is back', () => world.status().catch(() => undefined), 10_000 * slowness());
    rmSync(join(world.folder, 'run'), { recursive: true });
    const { code } = await world.stop();
    must(code === 0, `it ended with ${code}`);
    await world.start();
  },
  { started: false },
);
