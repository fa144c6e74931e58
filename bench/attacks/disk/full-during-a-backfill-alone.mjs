// The disk becomes full while a backfill without a daemon runs.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';
import { withDisk } from '../lib/disk.mjs';
import { command } from '../lib/ledger.mjs';

await attack(
  'a backfill without a daemon ends with one line when the disk is full, and the next backfill counts each hit once',
  async (world) => {
    const old = join(world.folder, 'old.log');
    const now = Date.now();
    writeFileSync(
      old,
      Array.from({ length: 20_000 }, (_, number) => trapLine('203.0.113.1', { at: now - 40_000 + number, number })).join(''),
    );
    await withDisk(world, 'size=20m', async (disk) => {
      disk.fill(1_500_000);
      const before = disk.inside;
      const { status, stderr, signal } = command(world, ['backfill', old], { before });
      must(status === 69 && /^trapline: [^\n]+make room on its disk[^\n]*\n$/.test(stderr), `${status ?? signal}: ${stderr}`);
      disk.free();
      must(command(world, ['backfill', old], { before }).status === 0, 'the repetition failed');
      must(disk.sql(world.state, 'SELECT count(*), count(DISTINCT key) FROM hits') === '20000|20000', 'a hit is lost or doubled');
      await world.start();
    });
  },
  { started: false },
);
