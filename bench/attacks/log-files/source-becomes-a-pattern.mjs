// Reloads turn the path of a log into a pattern and back, move it, and name a path with two slashes, while hits arrive.
import { mkdirSync } from 'node:fs';
import { attack } from '../lib/attack.mjs';
import { counted, put } from '../lib/log-files.mjs';

await attack('a reload that names the sources differently reads no old line of a log that was at its end', async (world) => {
  put(world.log, 1);
  await counted(world, 1);
  mkdirSync(`${world.folder}/other`);
  for (const [index, path] of [
    `${world.folder}/mail.lo[g]`,
    `${world.folder}//mail.log`,
    `${world.folder}/other/../mail.log`,
  ].entries()) {
    world.configure(`sources: [{ type: file, path: '${path}', from: end }]`);
    await world.reload();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    put(world.log, index + 2);
    await counted(world, ...Array.from({ length: index + 2 }, (_, one) => one + 1));
  }
});
