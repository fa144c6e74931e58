// The disk of the log is unmounted while the daemon reads, and mounted again with more lines.
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { withDisk } from '../lib/disk.mjs';
import { hitsOf, recorded } from '../lib/ledger.mjs';

await attack(
  'when the disk of a log is mounted again, reading resumes where it stopped',
  async (world) => {
    const folder = join(world.folder, 'logs');
    mkdirSync(folder);
    mkdirSync(join(world.folder, 'aside'));
    world.log = join(folder, 'mail.log');
    world.configure('');
    await withDisk(
      world,
      'size=1m',
      async (disk) => {
        const aside = join(world.folder, 'aside');
        disk.run('mount', '--bind', folder, aside);
        appendFileSync(disk.at(world.log), trapLine('203.0.113.1'));
        await world.start();
        await recorded(world, 1);
        for (let round = 2; round <= 4; round += 1) {
          disk.run('umount', '--lazy', folder);
          await sleep(1300);
          appendFileSync(join(disk.at(aside), 'mail.log'), trapLine(`203.0.113.${round}`, { number: round }));
          disk.run('mount', '--bind', aside, folder);
          await recorded(world, round);
        }
        must(hitsOf(world).join() === [1, 2, 3, 4].map((last) => `203.0.113.${last}`).join(), hitsOf(world).join());
        await onlyBanned(
          world,
          [1, 2, 3, 4].map((last) => `203.0.113.${last}`),
        );
      },
      folder,
    );
  },
  { started: false, after: false },
);
