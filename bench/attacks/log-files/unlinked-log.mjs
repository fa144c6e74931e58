// The log is deleted, its writer still writes to the deleted file, and the new log is created later.
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { attack } from '../lib/attack.mjs';
import { counted, hit, put } from '../lib/log-files.mjs';

await attack('the lines of a deleted log are read until the new log has lines', async (world) => {
  const file = openSync(world.log, 'a');
  try {
    writeSync(file, hit(1));
    await counted(world, 1);
    rmSync(world.log);
    writeSync(file, hit(2));
    await counted(world, 1, 2);
    writeSync(file, hit(3));
    await sleep(2500);
    writeSync(file, hit(4));
    put(world.log, 5);
    await counted(world, 1, 2, 3, 4, 5);
  } finally {
    closeSync(file);
  }
});
