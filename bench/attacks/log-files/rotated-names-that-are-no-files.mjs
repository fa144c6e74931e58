// Pipes, folders, loops of links and devices have the names of rotated logs while the log is rotated.
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { attack } from '../lib/attack.mjs';
import { counted, put } from '../lib/log-files.mjs';

await attack('an object that only has the name of a rotated log does not delay reading after a rotation', async (world) => {
  execFileSync('mkfifo', [`${world.log}.7`, `${world.log}.0`]);
  mkdirSync(`${world.log}.8`);
  symlinkSync('/dev/zero', `${world.log}.9`);
  symlinkSync('mail.log.10', `${world.log}.10`);
  symlinkSync('missing', `${world.log}.11`);
  put(world.log, 1);
  for (const number of [2, 3, 4]) {
    renameSync(world.log, `${world.log}.${number}`);
    put(world.log, number);
  }
  await counted(world, 1, 2, 3, 4);
});
