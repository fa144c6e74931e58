// While the disk is full, another program moves the write-ahead log into the ledger (a checkpoint), and truncates the write-ahead log.
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';
import { inFirewall, withDisk } from '../lib/disk.mjs';
import { hit, recorded } from '../lib/ledger.mjs';

await attack(
  'no hit is lost when another program truncates the write-ahead log on a full disk',
  async (world) => {
    await withDisk(world, 'size=6m', async (disk) => {
      await world.start();
      for (let round = 1; round <= 5; round += 1) {
        await hit(world, [`203.0.113.${round}`], 2 * round - 1, round);
        disk.fill();
        try {
          disk.sql(world.state, 'PRAGMA wal_checkpoint(TRUNCATE)');
        } catch {
          // There is no room for it.
        }
        disk.fill();
        world.write(trapLine(`203.0.113.${100 + round}`, { number: 100 + round }));
        await inFirewall(world, [`203.0.113.${100 + round}`]);
        disk.free();
        await recorded(world, 2 * round);
      }
      must(
        disk.sql(world.state, 'SELECT count(DISTINCT key) FROM hits; PRAGMA integrity_check') === '10\nok',
        'the ledger differs',
      );
    });
  },
  { started: false },
);
