// The daemon is started with umask 0777 and with umask 0.
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';

const modeOf = (path) => (statSync(path).mode & 0o777).toString(8);

await attack(
  'socket, ledger and folders have their modes under every umask',
  async (world) => {
    const clients = [];
    for (const umask of ['0777', '0', '0077']) {
      world.before = ['sh', '-c', `umask ${umask} && exec "$@"`, 'sh'];
      world.state = `${world.folder}/made-${umask}/deep/trapline.db`;
      await world.start();
      clients.push(`203.0.113.${clients.length + 1}`);
      world.write(trapLine(clients.at(-1), { number: clients.length }));
      await onlyBanned(world, clients, 15_000);
      const modes = [world.socket, world.state, `${world.state}-wal`, dirname(world.state), dirname(dirname(world.state))].map(
        modeOf,
      );
      must(modes.join() === '660,640,640,750,750', `umask ${umask}: ${modes.join(' ')}`);
      if (umask !== '0077') await world.stop();
    }
  },
  { started: false },
);
