// The daemon is stopped by SIGSTOP while its log is rotated forty times, with a line in each file.
import { renameSync } from 'node:fs';
import { attack } from '../lib/attack.mjs';
import { counted, put } from '../lib/log-files.mjs';

await attack('every rotated file that still exists is read once', async (world) => {
  put(world.log, 1);
  await counted(world, 1);
  world.child.kill('SIGSTOP');
  try {
    for (let rotation = 2; rotation <= 41; rotation += 1) {
      for (let old = rotation - 2; old >= 1; old -= 1) renameSync(`${world.log}.${old}`, `${world.log}.${old + 1}`);
      put(world.log, rotation);
      renameSync(world.log, `${world.log}.1`);
    }
    put(world.log, 42);
  } finally {
    world.child.kill('SIGCONT');
  }
  await counted(world, ...Array.from({ length: 42 }, (_, index) => index + 1));
});
