// journald is killed and started again while the daemon runs; hits come before the kill, between kill and start, and after the start.
import { attackJournald, hitsOf } from '../lib/journal.mjs';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournald('no hit is lost when journald is killed and started again', async (world, journal) => {
  journal.hit('203.0.113.1');
  await onlyBanned(world, ['203.0.113.1']);
  await journal.stop();
  rmSync(join(journal.run, 'socket'));
  await journal.start();
  journal.hit('203.0.113.2');
  await onlyBanned(world, ['203.0.113.1', '203.0.113.2'], 20_000);
  must(hitsOf(world) === '203.0.113.1 203.0.113.2', `hits: ${hitsOf(world)}`);
});
