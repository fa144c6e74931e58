// The log is a symbolic link to a dated file. Each "day" the link gets a new target, and late lines are still written to the old file.
import { renameSync, symlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { attack } from '../lib/attack.mjs';
import { counted, follow, inFile, put } from '../lib/log-files.mjs';

await attack(
  'no line of the old or the new file is lost when the link gets a new target',
  async (world) => {
    const folder = follow(world, 'mail.log');
    put(`${folder}/day1`, 1);
    symlinkSync('day1', `${folder}/mail.log`);
    await world.start();
    await counted(world, 1);
    for (const day of [2, 3, 4]) {
      put(`${folder}/day${day - 1}`, day * 10);
      put(`${folder}/day${day}`, day);
      symlinkSync(`day${day}`, `${folder}/new`);
      renameSync(`${folder}/new`, `${folder}/mail.log`);
      await sleep(1500);
    }
    await counted(world, 1, 2, 3, 4, 20, 30, 40);
  },
  inFile('mail.log'),
);
