// The disk becomes full and gets room again thirty times while hits arrive.
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';
import { inFirewall, withDisk } from '../lib/disk.mjs';
import { recorded } from '../lib/ledger.mjs';

await attack(
  'no hit is lost or counted twice, and hits are written in their order, when the disk is full again and again',
  async (world) => {
    await withDisk(world, 'size=6m', async (disk) => {
      await world.start();
      for (let round = 1; round <= 30; round += 1) {
        disk.fill();
        world.write(trapLine(`203.0.113.${round}`, { number: 2 * round }));
        if (round % 3 === 0) await inFirewall(world, [`203.0.113.${round}`]);
        disk.free();
        world.write(trapLine(`203.0.113.${round}`, { number: 2 * round + 1 }));
      }
      await recorded(world, 60);
      const hits = disk.sql(world.state, 'SELECT group_concat(substr(address, 11)) FROM (SELECT * FROM hits ORDER BY id)');
      must(hits === Array.from({ length: 30 }, (_, index) => `${index + 1},${index + 1}`).join(), hits);
    });
  },
  { started: false },
);
