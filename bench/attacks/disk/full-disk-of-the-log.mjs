// The disk of the log becomes full in the middle of a line; later the rest of the line is written.
import { appendFileSync, closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { withDisk } from '../lib/disk.mjs';
import { recorded } from '../lib/ledger.mjs';

await attack(
  'a line that a full disk has cut is read when it is complete, and counts once',
  async (world) => {
    const folder = join(world.folder, 'logs');
    mkdirSync(folder);
    world.log = join(folder, 'mail.log');
    world.configure('');
    await withDisk(
      world,
      'size=256k',
      async (disk) => {
        appendFileSync(disk.at(world.log), trapLine('203.0.113.1'));
        await world.start();
        await recorded(world, 1);
        disk.fill();
        const line = trapLine('203.0.113.2', { number: 2 });
        const lines = Buffer.from(line.repeat(40));
        const file = openSync(disk.at(world.log), 'a');
        let written = 0;
        try {
          for (;;) written += writeSync(file, lines, written);
        } catch {
          must(written > 0 && written % line.length !== 0, `the disk took ${written} bytes`);
        }
        await sleep(1500);
        disk.free();
        writeSync(file, lines, written);
        closeSync(file);
        await recorded(world, 41);
        await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
      },
      folder,
    );
  },
  { started: false, after: false },
);
