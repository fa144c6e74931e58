// A tool shortens the log to its first half, as after a repair of the file system; then the writer goes on. The daemon does not remember where each line
// of a log ended, so it reads the lines that are left once more, and their hits count twice (docs/reliability.md, Attacks). No line is lost, and no client
// without a hit is banned.
import { statSync, truncateSync } from 'node:fs';
import { attack } from '../lib/attack.mjs';
import { counted, put } from '../lib/log-files.mjs';

await attack('a log that is shortened loses no line, and each line that is left is read once more at most', async (world) => {
  put(world.log, 1, 2, 3, 4);
  const { size } = statSync(world.log);
  put(world.log, 5, 6, 7, 8);
  await counted(world, 1, 2, 3, 4, 5, 6, 7, 8);
  truncateSync(world.log, size);
  put(world.log, 9);
  await counted(world, 1, 1, 2, 2, 3, 3, 4, 4, 5, 6, 7, 8, 9);
});
