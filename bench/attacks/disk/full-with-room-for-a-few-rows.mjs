// The disk gets a few kilobytes of room at a time while many hits wait.
import { setTimeout as sleep } from 'node:timers/promises';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';
import { waiting, withDisk } from '../lib/disk.mjs';
import { recorded } from '../lib/ledger.mjs';

await attack(
  'with a little room at a time, no hit is written twice or out of order',
  async (world) => {
    await withDisk(world, 'size=6m', async (disk) => {
      await world.start();
      disk.fill();
      for (let last = 1; last <= 100; last += 1) world.write(trapLine(`203.0.113.${last}`, { number: last }));
      await waiting(world, 100);
      for (let round = 0; round < 8; round += 1) {
        disk.run('truncate', `--size=-${4096 * (1 + round)}`, `${world.folder}/state/filler`);
        await sleep(700);
      }
      disk.free();
      await recorded(world, 100);
      const hits = disk.sql(world.state, 'SELECT group_concat(substr(address, 11)) FROM (SELECT * FROM hits ORDER BY id)');
      must(hits === Array.from({ length: 100 }, (_, index) => index + 1).join(), hits);
    });
  },
  { started: false },
);
