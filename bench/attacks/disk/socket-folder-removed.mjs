// Somebody removes the folder of the socket while the daemon runs, and the next daemon has to make it.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';
import { inFirewall } from '../lib/disk.mjs';

await attack(
  'a daemon without its socket goes on banning and stops cleanly, and the next daemon makes the folder',
  async (world) => {
    mkdirSync(join(world.folder, 'run'));
    world.socket = join(world.folder, 'run', 'control.sock');
    await world.start();
    rmSync(join(world.folder, 'run'), { recursive: true });
    world.write(trapLine('203.0.113.1'));
    await inFirewall(world, ['203.0.113.1']);
    const { code } = await world.stop();
    must(code === 0, `it ended with ${code}`);
    await world.start();
  },
  { started: false },
);
