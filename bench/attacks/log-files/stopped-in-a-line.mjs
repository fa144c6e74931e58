// The daemon is killed, and stopped, in the middle of a line; the line ends later, once in a rotated file.
import { appendFileSync, renameSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { attack } from '../lib/attack.mjs';
import { counted, hit, put } from '../lib/log-files.mjs';

await attack('half of a line at a stop is read whole after the start', async (world) => {
  for (const [index, stop] of [() => world.kill(), () => world.stop()].entries()) {
    const line = hit(index + 1);
    appendFileSync(world.log, line.slice(0, 100));
    await sleep(300);
    await stop();
    appendFileSync(world.log, line.slice(100));
    if (index === 1) renameSync(world.log, `${world.log}.1`);
    put(world.log, index + 11);
    await world.start();
  }
  await counted(world, 1, 2, 11, 12);
});
