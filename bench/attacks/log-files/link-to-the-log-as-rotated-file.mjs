// Files with the names of rotated logs are a symbolic link and a hard link to the log itself.
import { linkSync, renameSync, symlinkSync } from 'node:fs';
import { attack } from '../lib/attack.mjs';
import { counted, put } from '../lib/log-files.mjs';

await attack('no line counts twice because of links with the names of rotated files', async (world) => {
  put(world.log, 1);
  symlinkSync('mail.log', `${world.log}.0`);
  linkSync(world.log, `${world.log}.1`);
  await counted(world, 1);
  put(world.log, 2);
  renameSync(world.log, `${world.log}.2`);
  put(world.log, 3);
  await counted(world, 1, 2, 3);
  renameSync(world.log, `${world.log}.3`);
  linkSync(`${world.log}.3`, `${world.log}.4`);
  put(`${world.log}.4`, 4);
  put(world.log, 5);
  await counted(world, 1, 2, 3, 4, 5);
});
