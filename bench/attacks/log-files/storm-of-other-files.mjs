// Ten thousand files with other names, some of them with names of rotated files, are created and deleted in the folder of the log.
import { rmSync, writeFileSync } from 'node:fs';
import { attack, must } from '../lib/attack.mjs';
import { counted, descriptors, put } from '../lib/log-files.mjs';

await attack('files that come and go in the folder of the log cause no lost line and no growth of memory', async (world) => {
  const before = { memory: world.memory().now, descriptors: descriptors(world) };
  const wanted = [];
  for (let number = 0; number < 10_000; number += 1) {
    const path = `${world.folder}/${number % 3 === 0 ? `mail.log.${number}` : `other${number}`}`;
    writeFileSync(path, number % 2 === 0 ? '' : 'some text\n');
    rmSync(path);
    if (number % 500 === 0) {
      put(world.log, number / 500 + 1);
      wanted.push(number / 500 + 1);
    }
  }
  await counted(world, ...wanted);
  must(descriptors(world) - before.descriptors < 10, `${descriptors(world) - before.descriptors} more descriptors`);
  must(world.memory().now - before.memory < 80, `${world.memory().now - before.memory} MiB more memory`);
});
