// Somebody renames the folder of the socket while the daemon runs, and then stops the daemon.
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';

await attack('when the folder of the socket is renamed, the daemon loses only its socket', async (world) => {
  await world.stop();
  const folder = join(world.folder, 'run');
  world.socket = join(folder, 'control.sock');
  await world.start();
  renameSync(folder, `${folder}-old`);
  world.write(trapLine('203.0.113.5'));
  const { code } = await world.stop();
  must(code === 0, `the stop ended with ${code}`);
  mkdirSync(folder);
  await world.start();
  must(existsSync(join(`${folder}-old`, 'control.sock')), 'the old socket is gone, although it was not at its path any more');
  await onlyBanned(world, ['203.0.113.5']);
});
