// Log and ledger are on one disk, which the log fills up; then somebody deletes the log.
import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, otherLine, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';
import { inFirewall, withDisk } from '../lib/disk.mjs';
import { recorded } from '../lib/ledger.mjs';

await attack(
  'when the log fills the disk of the ledger, bans go on and no whole line is lost',
  async (world) => {
    world.log = join(world.folder, 'state', 'mail.log');
    world.configure('');
    await withDisk(world, 'size=4m', async (disk) => {
      const append = (text) => {
        try {
          appendFileSync(disk.at(world.log), text);
          return true;
        } catch {
          return false; // The disk is full.
        }
      };
      append(trapLine('203.0.113.1'));
      await world.start();
      await recorded(world, 1);
      let hits = 1;
      const more = () => trapLine(`203.0.113.${hits % 100}`, { number: hits }) + otherLine(hits).repeat(50);
      while (append(more())) hits += 1;
      const known = async () => {
        const status = await world.status();
        return status.hits + status.unwritten;
      };
      // The disk may have taken the hit of the last piece, too.
      await eventually('every hit is known', async () => [hits, hits + 1].includes(await known()));
      hits = await known();
      rmSync(disk.at(world.log));
      await eventually('there is room', () => append(trapLine('203.0.113.200', { number: 29_000 })));
      await inFirewall(world, ['203.0.113.200']);
      await recorded(world, hits + 1);
      must(disk.sql(world.state, 'SELECT count(*) - count(DISTINCT key) FROM hits') === '0', 'a hit is counted twice');
    });
  },
  { started: false, after: false },
);
