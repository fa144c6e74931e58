// After a backup was restored, the log and its rotated files have modification times in 1970 or 2100, or equal times.
import { renameSync, utimesSync } from 'node:fs';
import { attack } from '../lib/attack.mjs';
import { counted, put } from '../lib/log-files.mjs';

await attack('whatever the modification times of the files, each line is read once', async (world) => {
  put(world.log, 1);
  utimesSync(world.log, 0, 0);
  await counted(world, 1);
  world.child.kill('SIGSTOP');
  for (const [index, time] of [4_102_444_800, 0, 1_000_000_000, 1_000_000_000].entries()) {
    put(world.log, index + 2);
    renameSync(world.log, `${world.log}.${5 - index}`);
    utimesSync(`${world.log}.${5 - index}`, time, time);
  }
  put(world.log, 6);
  utimesSync(world.log, 0, 0);
  world.child.kill('SIGCONT');
  await counted(world, 1, 2, 3, 4, 5, 6);
});
