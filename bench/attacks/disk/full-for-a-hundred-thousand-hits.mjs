// More hits come on a full disk than the daemon keeps in memory.
import { appendFileSync } from 'node:fs';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, slowness } from '../lib/attack.mjs';
import { withDisk } from '../lib/disk.mjs';
import { recorded } from '../lib/ledger.mjs';

await attack(
  'the last of 130,000 hits stay in the log while the disk is full, and each hit is written once when there is room',
  async (world) => {
    await withDisk(world, 'size=200m', async (disk) => {
      await world.start();
      disk.fill();
      const now = Date.now();
      for (let part = 0; part < 13; part += 1) {
        const lines = Array.from({ length: 10_000 }, (_, index) =>
          trapLine(`203.0.113.${index % 50}`, { at: now - 200_000 + part * 10_000 + index, number: index }),
        );
        appendFileSync(world.log, lines.join(''));
      }
      await eventually('the memory is full', async () => (await world.status()).unwritten >= 100_000, 30_000 * slowness());
      const { unwritten } = await world.status();
      must(unwritten < 125_000, `${unwritten} hits wait`);
      disk.free();
      await recorded(world, 130_000);
      must(disk.sql(world.state, 'SELECT count(*), count(DISTINCT key) FROM hits') === '130000|130000', 'the hits differ');
    });
  },
  { started: false },
);
