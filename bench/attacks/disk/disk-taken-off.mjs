// The disk of the ledger is unmounted while the daemon runs, so that only the empty mount point is left; later it is mounted again.
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { withDisk } from '../lib/disk.mjs';
import { hit, recorded } from '../lib/ledger.mjs';

await attack(
  'no ban and no hit is lost when the disk of the ledger is unmounted and mounted again',
  async (world) => {
    await withDisk(world, 'size=6m', async (disk) => {
      const folder = `${world.folder}/state`;
      disk.run('mkdir', `${world.folder}/aside`);
      disk.run('mount', '--bind', folder, `${world.folder}/aside`);
      await world.start();
      await hit(world, ['203.0.113.1'], 1);
      disk.run('umount', '--lazy', folder);
      await world.ban(['198.51.100.1']);
      await hit(world, ['203.0.113.2'], 2, 2);
      disk.run('mount', '--bind', `${world.folder}/aside`, folder);
      await world.ban(['198.51.100.2']);
      world.write(trapLine('203.0.113.3', { number: 3 }));
      await recorded(world, 3);
      const all = ['198.51.100.1', '198.51.100.2', '203.0.113.1', '203.0.113.2', '203.0.113.3'];
      await onlyBanned(world, all);
      await world.kill();
      await world.start();
      await onlyBanned(world, all);
      must((await world.status()).hits === 3, 'the hits differ');
      await eventually('the log names what happened', () =>
        /replaced by another while in use; written anew with every row/.test(world.said),
      );
    });
  },
  { started: false },
);
