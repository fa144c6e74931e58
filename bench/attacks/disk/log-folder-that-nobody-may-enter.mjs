// Somebody removes all permissions of the folder of the log while the daemon runs; the log is rotated meanwhile.
import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { WITHOUT_OVERRIDE } from '../lib/disk.mjs';
import { hitsOf, recorded } from '../lib/ledger.mjs';

await attack(
  'no line is lost while the daemon may not enter the folder of the log',
  async (world) => {
    const folder = join(world.folder, 'logs');
    mkdirSync(folder);
    world.log = join(folder, 'mail.log');
    world.configure('');
    writeFileSync(world.log, '');
    await world.start();
    world.write(trapLine('203.0.113.1'));
    await recorded(world, 1);
    chmodSync(folder, 0o000);
    world.write(trapLine('203.0.113.2', { number: 2 }));
    await sleep(1500);
    renameSync(world.log, `${world.log}.1`);
    world.write(trapLine('203.0.113.3', { number: 3 }));
    await sleep(1500);
    chmodSync(folder, 0o750);
    await recorded(world, 3);
    must(new Set(hitsOf(world)).size === 3, hitsOf(world).join());
    await onlyBanned(
      world,
      [1, 2, 3].map((last) => `203.0.113.${last}`),
    );
  },
  { started: false, before: WITHOUT_OVERRIDE },
);
