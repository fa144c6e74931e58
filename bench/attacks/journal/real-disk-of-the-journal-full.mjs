// The disk of the journal is full, so that journald drops entries; then there is room again.
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Journald, CONFIG, follows } from '../lib/journal.mjs';
import { attack, onlyBanned } from '../lib/attack.mjs';

let journal;
await attack(
  'hits are read from the journal again as soon as its disk has room',
  async (world) => {
    journal = new Journald(world);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', journal.folder]);
    try {
      await journal.start();
      await follows(world);
      journal.hit('203.0.113.1');
      await onlyBanned(world, ['203.0.113.1']);
      const junk = join(journal.folder, 'junk');
      try {
        writeFileSync(junk, Buffer.alloc(64 * 1024 * 1024));
      } catch {
        // The disk is full now.
      }
      await journal.rotate().catch(() => {});
      journal.hit('203.0.113.2');
      await sleep(500);
      rmSync(junk);
      journal.signal('SIGUSR2');
      await sleep(500);
      journal.hit('203.0.113.3');
      await onlyBanned(
        world,
        [
          '203.0.113.1',
          ...((await world.bans()).some(({ network }) => network.startsWith('203.0.113.2')) ? ['203.0.113.2'] : []),
          '203.0.113.3',
        ],
        20_000,
      );
      journal.hit('203.0.113.250');
    } finally {
      await world.stop();
      await journal.stop();
      execFileSync('umount', ['--lazy', journal.folder]);
    }
  },
  { config: CONFIG, started: false, after: false },
);
