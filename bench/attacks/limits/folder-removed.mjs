// The working folder of the daemon is removed before it starts.
import { mkdirSync } from 'node:fs';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, onlyBanned } from '../lib/attack.mjs';

await attack(
  'a daemon in a folder that does not exist any more starts and bans',
  async (world) => {
    mkdirSync(`${world.folder}/gone`);
    world.before = ['sh', '-c', `cd ${world.folder}/gone && rmdir ${world.folder}/gone && exec "$@"`, 'sh'];
    await world.start();
    await world.reload();
    world.write(trapLine('203.0.113.1'));
    await onlyBanned(world, ['203.0.113.1']);
  },
  { started: false },
);
