// In several starts, the ledger is a folder, a pipe, a loop of symbolic links, or a device.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { attack } from '../lib/attack.mjs';
import { refusesStart } from '../lib/ledger.mjs';

await attack(
  'a ledger that is no file is refused in one line and in time',
  async (world) => {
    const things = [
      () => mkdirSync(world.state),
      () => execFileSync('mkfifo', [world.state]),
      () => symlinkSync(world.state, world.state),
      () => execFileSync('mknod', [world.state, 'c', '1', '5']),
    ];
    for (const [index, make] of things.entries()) {
      rmSync(world.state, { recursive: true, force: true });
      make();
      await refusesStart(world, /trapline\.db: /).catch((thrown) => {
        throw new Error(`thing ${index}: ${thrown.message}`);
      });
    }
  },
  { started: false, after: false },
);
