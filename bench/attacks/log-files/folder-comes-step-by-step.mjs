// The folders above the log are made one after the other, then deleted and made again, while the daemon waits.
import { mkdirSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { attack } from '../lib/attack.mjs';
import { counted, follow, inFile, put } from '../lib/log-files.mjs';

await attack(
  'a log is read each time its folders are made again',
  async (world) => {
    const folder = follow(world, 'a/b/c/mail.log');
    await world.start();
    const wanted = [];
    for (const round of [1, 2, 3]) {
      for (const path of ['a', 'a/b', 'a/b/c']) {
        mkdirSync(`${folder}/${path}`);
        await sleep(100);
      }
      put(`${folder}/a/b/c/mail.log`, round);
      wanted.push(round);
      await counted(world, ...wanted);
      if (round < 3) rmSync(`${folder}/a`, { recursive: true });
    }
  },
  inFile('a/b/c/mail.log'),
);
