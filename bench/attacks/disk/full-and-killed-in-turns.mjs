// While the disk is full, the daemon is killed again and again; between the kills there is a little room.
import { setTimeout as sleep } from 'node:timers/promises';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';
import { withDisk } from '../lib/disk.mjs';
import { recorded } from '../lib/ledger.mjs';

await attack(
  'no hit is lost or counted twice when the daemon is killed while the disk is full',
  async (world) => {
    await withDisk(world, 'size=6m', async (disk) => {
      await world.start();
      for (let round = 1; round <= 10; round += 1) {
        disk.fill();
        for (let last = 1; last <= 5; last += 1) world.write(trapLine(`203.0.113.${last}`, { number: 10 * round + last }));
        await sleep(Math.random() * 150);
        if (round % 2 === 0) disk.run('truncate', '--size=-9000', `${world.folder}/state/filler`);
        await sleep(Math.random() * 150);
        await world.kill();
        disk.free();
        await world.start();
      }
      await recorded(world, 50);
      must(
        disk.sql(world.state, 'SELECT count(*), count(DISTINCT key) FROM hits; PRAGMA integrity_check') === '50|50\nok',
        'the ledger differs',
      );
    });
  },
  { started: false },
);
