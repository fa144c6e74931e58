// Two logs that match a pattern get new names that match too, as when a virtual host is renamed.
import { renameSync } from 'node:fs';
import { attack } from '../lib/attack.mjs';
import { counted, follow, inFile, put } from '../lib/log-files.mjs';

await attack(
  'a log whose new name matches the pattern too is not read again',
  async (world) => {
    const folder = follow(world, '*.log');
    put(`${folder}/one.log`, 1);
    put(`${folder}/two.log`, 2);
    await world.start();
    await counted(world, 1, 2);
    renameSync(`${folder}/one.log`, `${folder}/new.log`);
    await counted(world, 1, 2);
    put(`${folder}/new.log`, 3);
    await counted(world, 1, 2, 3);
  },
  inFile('two.log'),
);
