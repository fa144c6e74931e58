// While the disk is full, the daemon is stopped and started three times, and hits arrive each time.
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, slowness } from '../lib/attack.mjs';
import { inFirewall, withDisk } from '../lib/disk.mjs';
import { hit, recorded } from '../lib/ledger.mjs';

await attack(
  'a stop while the disk is full is in time and clean, and no hit is lost or counted twice',
  async (world) => {
    await withDisk(world, 'size=6m', async (disk) => {
      await world.start();
      await hit(world, ['203.0.113.1'], 1);
      for (const last of [2, 3, 4]) {
        disk.fill();
        world.write(trapLine(`203.0.113.${last}`, { number: last }));
        await inFirewall(world, [`203.0.113.${last}`]);
        const { code, took } = await world.stop();
        must(code === 0 && took < 2500 * slowness(), `it ended with ${code} after ${took} ms`);
        await world.start();
      }
      disk.free();
      await recorded(world, 4);
      must(
        disk.sql(world.state, 'SELECT address FROM hits ORDER BY id') ===
          [1, 2, 3, 4].map((last) => `203.0.113.${last}`).join('\n'),
        'the hits differ',
      );
    });
  },
  { started: false },
);
