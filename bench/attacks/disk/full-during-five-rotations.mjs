// The disk of the ledger is full while logrotate renames and compresses the log five times, and then the power fails.
import { execFileSync } from 'node:child_process';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';
import { inFirewall, withDisk } from '../lib/disk.mjs';
import { hit, recorded } from '../lib/ledger.mjs';

await attack(
  'hits that could not be written to a full disk are read again from the compressed logs',
  async (world) => {
    await withDisk(world, 'size=6m', async (disk) => {
      await world.start();
      await hit(world, ['203.0.113.1'], 1);
      disk.fill();
      for (let last = 2; last <= 6; last += 1) {
        world.write(trapLine(`203.0.113.${last}`, { number: last }));
        await inFirewall(world, [`203.0.113.${last}`]);
        for (let age = 5; age >= 1; age -= 1) {
          for (const end of ['', '.gz'])
            if (existsSync(`${world.log}.${age}${end}`)) renameSync(`${world.log}.${age}${end}`, `${world.log}.${age + 1}${end}`);
        }
        if (existsSync(`${world.log}.2`)) execFileSync('gzip', [`${world.log}.2`]);
        renameSync(world.log, `${world.log}.1`);
        writeFileSync(world.log, '');
        await sleep(1100);
      }
      await world.kill();
      disk.free();
      await world.start();
      await recorded(world, 6);
      const hits = disk.sql(world.state, 'SELECT address FROM hits ORDER BY id');
      must(hits === [1, 2, 3, 4, 5, 6].map((last) => `203.0.113.${last}`).join('\n'), hits);
    });
  },
  { started: false },
);
