// An editor or "sed -i" writes the log to a new file and renames it over the old one.
import { copyFileSync, renameSync } from 'node:fs';
import { attack } from '../lib/attack.mjs';
import { counted, put } from '../lib/log-files.mjs';

await attack('a log that is replaced by a copy of itself is not read again', async (world) => {
  put(world.log, 1, 2, 3);
  await counted(world, 1, 2, 3);
  copyFileSync(world.log, `${world.folder}/sedXYZ`);
  renameSync(`${world.folder}/sedXYZ`, world.log);
  await counted(world, 1, 2, 3);
  put(world.log, 4);
  await counted(world, 1, 2, 3, 4);
});
