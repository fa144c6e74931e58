// An operator copies an older ledger over the present one while the disk is full.
import { copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, onlyBanned, slowness } from '../lib/attack.mjs';
import { withDisk } from '../lib/disk.mjs';
import { hit } from '../lib/ledger.mjs';

await attack(
  'an older copy of the ledger on a full disk lifts no ban',
  async (world) => {
    await withDisk(world, 'size=6m', async (disk) => {
      await world.start();
      await hit(world, ['203.0.113.1'], 1);
      disk.sql(world.state, 'PRAGMA wal_checkpoint(TRUNCATE)');
      copyFileSync(disk.at(world.state), `${world.folder}/copy`);
      await hit(world, ['203.0.113.2'], 2, 2);
      disk.sql(world.state, 'PRAGMA wal_checkpoint(TRUNCATE)');
      await sleep(6000); // The daemon looks at its files every five seconds, and takes the last change for a commit of another program.
      disk.fill();
      const copy = readFileSync(`${world.folder}/copy`);
      writeFileSync(disk.at(world.state), copy, { flag: 'r+' });
      truncateSync(disk.at(world.state), copy.length);
      disk.fill();
      await eventually('the older copy is noticed', () => /another program|written anew/.test(world.said), 15_000 * slowness());
      await sleep(2000);
      disk.free();
      await onlyBanned(world, ['203.0.113.1', '203.0.113.2'], 15_000);
    });
  },
  { started: false, config: 'sync: 1h' },
);
