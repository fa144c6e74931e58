// The disk of the ledger is full before the very first start.
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';
import { withDisk } from '../lib/disk.mjs';
import { recorded, refusesStart } from '../lib/ledger.mjs';

await attack(
  'the first start on a full disk is refused in one line, and a later start reads every line',
  async (world) => {
    world.write(trapLine('203.0.113.1'));
    await withDisk(world, 'size=64k', async (disk) => {
      disk.fill();
      await refusesStart(world, /trapline\.db(-lock)?: .*(make room on its disk|check its disk and path)/);
      must(disk.run('sh', '-c', `cat ${world.state}* | wc -c`) === '0', 'bytes were left behind');
      disk.run('mount', '-o', 'remount,size=8m', disk.run('dirname', world.state));
      disk.free();
      await world.start();
      await recorded(world, 1);
    });
  },
  { started: false },
);
