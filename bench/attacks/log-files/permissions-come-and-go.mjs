// The daemon, which runs as the user of the unit, may not enter the folder of the log for a while; the log is rotated meanwhile.
import { chmodSync, chownSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { attack, must } from '../lib/attack.mjs';
import { asNobody, counted, follow, inFile, NOBODY, put } from '../lib/log-files.mjs';

await attack(
  'no line is lost when the folder of the log cannot be entered for a while',
  async (world) => {
    const folder = follow(world, 'mail.log');
    put(`${folder}/mail.log`, 1);
    for (const path of [world.folder, folder, join(world.folder, 'state')]) chownSync(path, NOBODY, NOBODY);
    chmodSync(`${folder}/mail.log`, 0o644);
    const remove = asNobody(world);
    try {
      await world.start();
      await counted(world, 1);
      chmodSync(folder, 0o000);
      put(`${folder}/mail.log`, 2);
      renameSync(`${folder}/mail.log`, `${folder}/mail.log.1`);
      put(`${folder}/mail.log`, 3);
      await sleep(1500);
      await world.status();
      chmodSync(folder, 0o755);
      await counted(world, 1, 2, 3);
      must(
        world.said.split('\n').every((line) => line.length < 400),
        'a message is too long',
      );
    } finally {
      remove();
    }
  },
  { ...inFile('mail.log'), after: false },
);
