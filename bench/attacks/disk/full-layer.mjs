// The ledger is in the lower layer of an overlay file system whose upper layer has no room for a copy of it.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { attack } from '../lib/attack.mjs';
import { withDisk } from '../lib/disk.mjs';
import { hit, recorded, refusesStart } from '../lib/ledger.mjs';

await attack(
  'a start without room in the upper layer is refused in one line, and a start with room finds every hit and ban',
  async (world) => {
    await world.start();
    await hit(world, ['203.0.113.1'], 1);
    await world.stop();
    const layers = join(world.folder, 'layers');
    mkdirSync(layers);
    await withDisk(
      world,
      'size=6m',
      async (disk) => {
        const folder = `${world.folder}/state`;
        disk.run('mkdir', `${layers}/upper`, `${layers}/work`);
        const options = `lowerdir=${folder},upperdir=${layers}/upper,workdir=${layers}/work`;
        disk.run('mount', '-t', 'overlay', '-o', options, 'overlay', folder);
        disk.fill();
        await refusesStart(
          world,
          /trapline\.db(-lock)?: .*(make room on its disk|check its disk and path|check the owner of the file)/,
        );
        disk.free();
        await world.start();
        await recorded(world, 1);
      },
      layers,
    );
  },
  { started: false },
);
