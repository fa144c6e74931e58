// In four starts, the daemon may not write to the ledger, to its lock, to its write-ahead log or to its folder.
import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { attack } from '../lib/attack.mjs';
import { deniedStart, WITHOUT_OVERRIDE } from '../lib/disk.mjs';
import { hit } from '../lib/ledger.mjs';

await attack(
  'each missing permission ends the start with one line and exit code 77',
  async (world) => {
    await hit(world, ['203.0.113.1'], 1);
    await world.kill();
    const folder = join(world.folder, 'state');
    for (const [path, mode, before] of [
      [world.state, 0o400, 0o640],
      [world.state, 0o000, 0o640],
      [`${world.state}-lock`, 0o400, 0o640],
      [`${world.state}-wal`, 0o400, 0o640],
      [folder, 0o000, 0o750],
    ]) {
      chmodSync(path, mode);
      await deniedStart(world, /trapline\.db(-lock|-wal)?: /).catch((thrown) => {
        throw new Error(`${path} with ${mode.toString(8)}: ${thrown.message}`);
      });
      chmodSync(path, before);
    }
    rmSync(`${world.state}-lock`);
    chmodSync(folder, 0o550);
    await deniedStart(world, /trapline\.db(-lock)?: /);
    chmodSync(folder, 0o750);
    await world.start();
  },
  { before: WITHOUT_OVERRIDE },
);
