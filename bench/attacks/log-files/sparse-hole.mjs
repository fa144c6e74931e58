// A writer keeps its offset of a gigabyte after a truncation: the log becomes a hole of zeros and a line.
import { closeSync, openSync, truncateSync, writeSync } from 'node:fs';
import { attack, must, slowness } from '../lib/attack.mjs';
import { counted, put } from '../lib/log-files.mjs';
import { hit } from '../lib/log-files.mjs';

await attack('a hole in a log hides no line, needs no memory, and blocks no answer', async (world) => {
  put(world.log, 1);
  await counted(world, 1);
  truncateSync(world.log);
  const file = openSync(world.log, 'r+');
  writeSync(file, hit(2), 2 ** 30);
  closeSync(file);
  const asked = performance.now();
  await world.status();
  must(performance.now() - asked < 1000 * slowness(), 'status was late');
  put(world.log, 3);
  await counted(world, 1, 2, 3);
  must(world.memory().most < 250, `${world.memory().most} MiB of memory`);
});
