// While the disk is full, the ledger is deleted. There is no room for a new file until files on the disk are removed.
import { rmSync } from 'node:fs';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { inFirewall, withDisk } from '../lib/disk.mjs';
import { hit, recorded } from '../lib/ledger.mjs';

await attack(
  'a ledger that is deleted while the disk is full is made again with every row when there is room',
  async (world) => {
    await withDisk(world, 'size=6m', async (disk) => {
      await world.start();
      await hit(world, ['203.0.113.1'], 1);
      await world.ban(['198.51.100.1']);
      disk.fill();
      rmSync(disk.at(world.state));
      disk.fill();
      world.write(trapLine('203.0.113.2', { number: 2 }));
      await inFirewall(world, ['203.0.113.2']);
      await eventually('the fault is shown', async () =>
        /cannot be written anew: [^\n]+/.test((await world.status()).ledgerFault ?? ''),
      );
      disk.free();
      await recorded(world, 2);
      const left = disk
        .run('ls', `${world.folder}/state`)
        .split('\n')
        .filter((name) => name.includes('new'));
      must(left.length === 0, `left behind: ${left}`);
      await world.kill();
      await world.start();
      await onlyBanned(world, ['198.51.100.1', '203.0.113.1', '203.0.113.2']);
    });
  },
  { started: false },
);
