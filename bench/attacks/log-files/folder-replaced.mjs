// The folder of the log gets another name while its log has an unread line, and a new folder with a new log takes its place.
import { mkdirSync, renameSync } from 'node:fs';
import { attack } from '../lib/attack.mjs';
import { counted, follow, inFile, put } from '../lib/log-files.mjs';

await attack(
  'the unread line in the renamed folder is read, and the log in the new folder is followed',
  async (world) => {
    const folder = follow(world, 'deep/er/mail.log');
    mkdirSync(`${folder}/deep/er`, { recursive: true });
    put(`${folder}/deep/er/mail.log`, 1);
    await world.start();
    await counted(world, 1);
    put(`${folder}/deep/er/mail.log`, 2);
    renameSync(`${folder}/deep`, `${folder}/old`);
    mkdirSync(`${folder}/deep/er`, { recursive: true });
    put(`${folder}/deep/er/mail.log`, 3);
    await counted(world, 1, 2, 3);
    put(`${folder}/deep/er/mail.log`, 4);
    await counted(world, 1, 2, 3, 4);
  },
  inFile('deep/er/mail.log'),
);
