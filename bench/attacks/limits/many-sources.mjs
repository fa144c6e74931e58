// The configuration lists five hundred log files in five hundred folders. Half of the folders do not exist yet.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { descriptors, hitsOf } from '../lib/limits.mjs';

await attack(
  'each of five hundred logs is followed, also if its folder is made later',
  async (world) => {
    const folders = Array.from({ length: 500 }, (_, index) => join(world.folder, 'logs', String(index)));
    const logs = folders.map((folder) => join(folder, 'mail.log'));
    for (const [index, folder] of folders.entries()) {
      if (index % 2 === 0) continue;
      mkdirSync(folder, { recursive: true });
      writeFileSync(logs[index], '');
    }
    world.configure(`sources: [${[world.log, ...logs].map((log) => `{ type: file, path: '${log}', from: start }`).join(', ')}]`);
    await world.start();
    for (const index of [0, 1, 249, 250, 498, 499]) {
      mkdirSync(folders[index], { recursive: true });
      appendFileSync(logs[index], trapLine(`203.0.113.${(index % 240) + 1}`, { number: index }));
    }
    const clients = [1, 2, 10, 11, 19, 20].map((number) => `203.0.113.${number}`);
    await onlyBanned(world, clients, 20_000);
    must(hitsOf(world) === clients.toSorted((one, other) => one.localeCompare(other)).join(' '), `hits: ${hitsOf(world)}`);
    must(descriptors(world).length < 900, `${descriptors(world).length} descriptors`);
  },
  { started: false },
);
