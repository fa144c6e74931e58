// The disk of the ledger is full while hits come from the journal; the daemon is killed before there is room.
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { attackJournal, hitsOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournal(
  'hits of the journal that could not be written on a full disk are read again after a kill',
  async (world, journal) => {
    const disk = dirname(world.state);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk]);
    chmodSync(disk, 0o755);
    try {
      await journal.start();
      journal.hit('203.0.113.1');
      await onlyBanned(world, ['203.0.113.1']);
      const junk = join(disk, 'junk');
      try {
        writeFileSync(junk, Buffer.alloc(4 * 1024 * 1024));
      } catch {
        // The disk is full now.
      }
      journal.hit(...Array.from({ length: 40 }, (_, index) => `203.0.113.${index + 2}`));
      const all = Array.from({ length: 41 }, (_, index) => `203.0.113.${index + 1}`);
      await onlyBanned(world, all);
      await world.kill();
      rmSync(junk);
      await journal.start(2);
      await onlyBanned(world, all, 10_000);
      must(hitsOf(world) === all.toSorted((one, other) => one.localeCompare(other)).join(' '), `hits: ${hitsOf(world)}`);
    } finally {
      await world.kill();
      execFileSync('umount', ['--lazy', disk]);
    }
  },
  { after: false },
);
