// Two logs of a pattern exchange their names while the daemon follows them.
import { renameSync } from 'node:fs';
import { attack } from '../lib/attack.mjs';
import { counted, follow, inFile, put } from '../lib/log-files.mjs';

await attack(
  'logs that exchange their names are not read again',
  async (world) => {
    const folder = follow(world, '*.log');
    put(`${folder}/one.log`, 1);
    put(`${folder}/two.log`, 2);
    await world.start();
    await counted(world, 1, 2);
    renameSync(`${folder}/one.log`, `${folder}/x`);
    renameSync(`${folder}/two.log`, `${folder}/one.log`);
    renameSync(`${folder}/x`, `${folder}/two.log`);
    await counted(world, 1, 2);
    put(`${folder}/one.log`, 3);
    put(`${folder}/two.log`, 4);
    await counted(world, 1, 2, 3, 4);
  },
  inFile('two.log'),
);
