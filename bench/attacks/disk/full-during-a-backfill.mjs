// The disk becomes full while a backfill of 20,000 lines runs through the daemon.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';
import { withDisk } from '../lib/disk.mjs';
import { command } from '../lib/ledger.mjs';

await attack(
  'a backfill ends with one line when the disk is full, and the next backfill counts each hit once',
  async (world) => {
    const old = join(world.folder, 'old.log');
    const now = Date.now();
    writeFileSync(
      old,
      Array.from({ length: 20_000 }, (_, number) => trapLine('203.0.113.1', { at: now - 40_000 + number, number })).join(''),
    );
    await withDisk(world, 'size=20m', async (disk) => {
      await world.start();
      disk.fill(1_500_000);
      const { status, stderr } = command(world, ['backfill', old]);
      must(status === 69 && /^trapline: [^\n]+make room on its disk[^\n]*\n$/.test(stderr), `${status}: ${stderr}`);
      disk.free();
      must(command(world, ['backfill', old]).status === 0, 'the repetition failed');
      const counts = disk.sql(world.state, 'SELECT count(*), count(DISTINCT key), (SELECT sum(hits) FROM tallies) FROM hits');
      must(counts === '20000|20000|20000', counts);
    });
  },
  { started: false },
);
