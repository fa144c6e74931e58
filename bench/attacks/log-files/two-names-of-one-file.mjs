// A pattern matches a log, a symbolic link to it, and a hard link to it.
import { linkSync, symlinkSync } from 'node:fs';
import { attack } from '../lib/attack.mjs';
import { counted, follow, inFile, put } from '../lib/log-files.mjs';

await attack(
  'a file is read once although several of its names match the pattern',
  async (world) => {
    const folder = follow(world, '*.log');
    put(`${folder}/mail.log`, 1);
    symlinkSync('mail.log', `${folder}/current.log`);
    linkSync(`${folder}/mail.log`, `${folder}/other.log`);
    await world.start();
    await counted(world, 1);
    put(`${folder}/other.log`, 2);
    await counted(world, 1, 2);
  },
  inFile('mail.log'),
);
