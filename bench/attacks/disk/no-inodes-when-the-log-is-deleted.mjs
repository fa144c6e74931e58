// The write-ahead log is deleted while the disk has no free inode for a new file.
import { rmSync, writeFileSync } from 'node:fs';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, onlyBanned } from '../lib/attack.mjs';
import { inFirewall, withDisk } from '../lib/disk.mjs';
import { hit, recorded } from '../lib/ledger.mjs';

await attack(
  'without a free inode bans go on, and later every row is written',
  async (world) => {
    await withDisk(world, 'size=6m,nr_inodes=12', async (disk) => {
      await world.start();
      await hit(world, ['203.0.113.1'], 1);
      await world.ban(['198.51.100.1']);
      rmSync(disk.at(`${world.state}-wal`));
      const made = [];
      try {
        for (let number = 0; ; number += 1) {
          writeFileSync(disk.at(`${world.folder}/state/f${number}`), '');
          made.push(disk.at(`${world.folder}/state/f${number}`));
        }
      } catch {
        // No inode is left.
      }
      world.write(trapLine('203.0.113.2', { number: 2 }));
      await inFirewall(world, ['203.0.113.2']);
      await eventually('the fault is shown', async () =>
        /cannot be written anew: ENOSPC/.test((await world.status()).ledgerFault ?? ''),
      );
      for (const path of made) rmSync(path);
      await recorded(world, 2);
      await world.kill();
      await world.start();
      await onlyBanned(world, ['198.51.100.1', '203.0.113.1', '203.0.113.2']);
    });
  },
  { started: false },
);
