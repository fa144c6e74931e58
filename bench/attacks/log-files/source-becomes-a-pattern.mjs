// While hits arrive, reloads name the log by a pattern, by a path with two slashes, and by a path with "..".
import { mkdirSync } from 'node:fs';
import { attack } from '../lib/attack.mjs';
import { counted, put } from '../lib/log-files.mjs';

await attack('no old line is read again after a reload that names the log by another path or pattern', async (world) => {
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
