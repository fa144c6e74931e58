// The daemon is killed or stopped when half of a line is written. The second half is written later, in one case to the rotated file.
import { appendFileSync, renameSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { attack } from '../lib/attack.mjs';
import { counted, hit, put } from '../lib/log-files.mjs';

await attack('a line that was incomplete at the stop is read completely after the next start', async (world) => {
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
