// A pattern matches the rotated files too (mail*), and the new log is created two seconds after the rename.
import { renameSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { attack } from '../lib/attack.mjs';
import { counted, follow, inFile, put } from '../lib/log-files.mjs';

await attack(
  'a rotated file that matches the pattern is not read again while its log is missing',
  async (world) => {
    const folder = follow(world, 'mail*');
    put(`${folder}/mail.log`, 1, 2);
    await world.start();
    await counted(world, 1, 2);
    renameSync(`${folder}/mail.log`, `${folder}/mail.log.1`);
    put(`${folder}/mail.log.1`, 3);
    await sleep(2500);
    await counted(world, 1, 2, 3);
    put(`${folder}/mail.log`, 4);
    await counted(world, 1, 2, 3, 4);
  },
  inFile('mail.log'),
);
