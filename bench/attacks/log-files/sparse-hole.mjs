// After a truncation, a writer continues at its old offset of a gigabyte, so that the log has a hole of a gigabyte and then a line.
import { closeSync, openSync, truncateSync, writeSync } from 'node:fs';
import { attack, must, slowness } from '../lib/attack.mjs';
import { counted, put } from '../lib/log-files.mjs';
import { hit } from '../lib/log-files.mjs';

await attack('a line after a hole is read, and the hole fills no memory and delays no answer', async (world) => {
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
