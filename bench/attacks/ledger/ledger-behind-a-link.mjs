// The ledger is a symbolic link to a file on a larger disk, and a second daemon is configured with the path of this file.
import { mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { attack, must } from '../lib/attack.mjs';
import { command, hit } from '../lib/ledger.mjs';

await attack('a ledger with two paths has only one writer', async (world) => {
  mkdirSync(join(world.folder, 'large'));
  const file = join(world.folder, 'large', 'ledger.db');
  await world.stop();
  renameSync(world.state, file);
  symlinkSync(file, world.state);
  await world.start();
  await hit(world, ['203.0.113.1'], 1);
  const second = command(world, ['ban', '203.0.113.2'], { alone: true, state: file });
  must(second.status === 69 && second.stderr.includes('another trapline writes to it'), `${second.status}: ${second.stderr}`);
});
