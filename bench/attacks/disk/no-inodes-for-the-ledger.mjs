// The disk has room but no free inode, so neither the ledger nor its journals can be made.
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack } from '../lib/attack.mjs';
import { withDisk } from '../lib/disk.mjs';
import { recorded, refusesStart } from '../lib/ledger.mjs';

await attack(
  'a start without enough free inodes is refused in one line, however many are missing',
  async (world) => {
    world.write(trapLine('203.0.113.1'));
    await withDisk(world, 'size=6m', async (disk) => {
      const folder = `${world.folder}/state`;
      for (const inodes of [1, 2, 3, 4]) {
        disk.run('sh', '-c', `rm -f ${world.state}*`);
        disk.run('mount', '-o', `remount,nr_inodes=${inodes}`, folder);
        await refusesStart(
          world,
          /trapline\.db(-lock)?: .*(make room on its disk|check its disk and path|check the owner of the file)/,
        );
      }
      disk.run('mount', '-o', 'remount,nr_inodes=50', folder);
      await world.start();
      await recorded(world, 1);
    });
  },
  { started: false },
);
