// The ledger is in the lower layer of an overlay file system, as in a container image, and is copied to the upper layer at its first write.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { withDisk } from '../lib/disk.mjs';
import { hit } from '../lib/ledger.mjs';

await attack(
  'a ledger in an overlay file system is recognised, and no row is lost',
  async (world) => {
    await world.start();
    await hit(world, ['203.0.113.1'], 1);
    await world.kill();
    const layers = join(world.folder, 'layers');
    mkdirSync(layers);
    await withDisk(
      world,
      'size=12m',
      async (disk) => {
        const folder = `${world.folder}/state`;
        disk.run('mkdir', `${layers}/upper`, `${layers}/work`);
        disk.run(
          'mount',
          '-t',
          'overlay',
          '-o',
          `lowerdir=${folder},upperdir=${layers}/upper,workdir=${layers}/work`,
          'overlay',
          folder,
        );
        await world.start();
        await hit(world, ['203.0.113.2'], 2, 2);
        await world.ban(['198.51.100.1']);
        await onlyBanned(world, ['198.51.100.1', '203.0.113.1', '203.0.113.2']);
        must(!/while in use|by another program/.test(world.said), 'the ledger was taken for a foreign one');
        await world.kill();
        await world.start();
        await onlyBanned(world, ['198.51.100.1', '203.0.113.1', '203.0.113.2']);
      },
      layers,
    );
  },
  { started: false },
);
