// The disk of the ledger does not answer for seconds, again and again, as a network disk does.
import { setTimeout as sleep } from 'node:timers/promises';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';
import { withDisk } from '../lib/disk.mjs';
import { recorded } from '../lib/ledger.mjs';

await attack(
  'when the disk does not answer for seconds, no hit is lost and the daemon goes on',
  async (world) => {
    await withDisk(world, undefined, async (disk) => {
      const [image, folder] = [`${world.folder}/image`, `${world.folder}/state`];
      disk.run('truncate', '--size=32m', image);
      disk.run('mkfs.ext4', '-q', image);
      disk.run('mount', '-o', 'loop', image, folder);
      await world.start();
      for (let round = 1; round <= 4; round += 1) {
        disk.run('fsfreeze', '--freeze', folder);
        try {
          world.write(trapLine(`203.0.113.${round}`, { number: round }));
          await sleep(1500);
        } finally {
          disk.run('fsfreeze', '--unfreeze', folder);
        }
        await recorded(world, round);
      }
      must(world.holds([1, 2, 3, 4].map((last) => `203.0.113.${last}`)), 'a client is free');
      disk.run('fsfreeze', '--freeze', folder);
      world.write(trapLine('203.0.113.5', { number: 5 }));
      await sleep(300);
      world.child.kill('SIGKILL');
      disk.run('fsfreeze', '--unfreeze', folder);
      await world.kill();
      await world.start();
      await recorded(world, 5);
    });
  },
  { started: false },
);
