// The path of the log leads through a chain of symbolic links over three folders, and a link in the middle gets a new target.
import { mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { attack } from '../lib/attack.mjs';
import { counted, follow, inFile, put } from '../lib/log-files.mjs';

await attack(
  'when a folder is a symbolic link that changes, the log in the new target is followed',
  async (world) => {
    const folder = follow(world, 'current/mail.log');
    for (const name of ['a', 'b']) mkdirSync(`${folder}/${name}`);
    put(`${folder}/a/real.log`, 1);
    symlinkSync('real.log', `${folder}/a/mail.log`);
    symlinkSync('a', `${folder}/current`);
    await world.start();
    await counted(world, 1);
    put(`${folder}/b/mail.log`, 2);
    symlinkSync('b', `${folder}/new`);
    renameSync(`${folder}/new`, `${folder}/current`);
    await counted(world, 1, 2);
    put(`${folder}/current/mail.log`, 3);
    await counted(world, 1, 2, 3);
  },
  inFile('b/mail.log'),
);
