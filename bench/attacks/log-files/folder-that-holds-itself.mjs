// A folder under a pattern with ** holds a symbolic link to itself.
import { mkdirSync, symlinkSync } from 'node:fs';
import { attack } from '../lib/attack.mjs';
import { counted, descriptors, follow, inFile, put } from '../lib/log-files.mjs';
import { must } from '../lib/attack.mjs';

await attack(
  'the scan of a loop of folders ends, and each log in the loop is read once',
  async (world) => {
    const folder = follow(world, '**/*.log');
    mkdirSync(`${folder}/a`);
    symlinkSync('..', `${folder}/a/up`);
    put(`${folder}/a/mail.log`, 1);
    await world.start();
    await counted(world, 1);
    put(`${folder}/top.log`, 2);
    await counted(world, 1, 2);
    must(descriptors(world) < 60, `${descriptors(world)} descriptors are open`);
  },
  inFile('top.log'),
);
