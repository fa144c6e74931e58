// The log is deleted and made again at once, so that the file system gives the new log the inode of the old one.
import { rmSync } from 'node:fs';
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, must, slowness } from '../lib/attack.mjs';
import { counted, descriptors, put } from '../lib/log-files.mjs';

await attack('a new log with the inode of the old one is read from its start', async (world) => {
  const wanted = [];
  const before = descriptors(world);
  for (let number = 1; number <= 40; number += 1) {
    rmSync(world.log);
    put(world.log, number);
    wanted.push(number);
    await eventually(`hit ${number}`, async () => (await world.status()).hits >= number, 5_000 * slowness());
  }
  await counted(world, ...wanted);
  must(descriptors(world) - before < 5, `${descriptors(world) - before} more descriptors`);
});
