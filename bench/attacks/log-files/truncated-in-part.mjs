// A program truncates the log to its first half, as a repair of the file system does; then the writer goes on.
import { statSync, truncateSync } from 'node:fs';
import { attack } from '../lib/attack.mjs';
import { counted, put } from '../lib/log-files.mjs';

await attack('the remaining lines of a log that was truncated in part are not read again', async (world) => {
  put(world.log, 1, 2, 3, 4);
  const { size } = statSync(world.log);
  put(world.log, 5, 6, 7, 8);
  await counted(world, 1, 2, 3, 4, 5, 6, 7, 8);
  truncateSync(world.log, size);
  put(world.log, 9);
  await counted(world, 1, 2, 3, 4, 5, 6, 7, 8, 9);
});
