// While the daemon is stopped, the journal is rotated, the entry of the cursor is vacuumed, and clients mail the trap.
import { rmSync } from 'node:fs';
import { attackJournald, follows, hitsOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournald('no hit is lost or counted twice when the entry of the cursor was vacuumed', async (world, journal) => {
  journal.hit('203.0.113.1');
  await onlyBanned(world, ['203.0.113.1']);
  await world.stop();
  await journal.rotate();
  for (const file of journal.files.filter((path) => path.includes('@'))) rmSync(file);
  journal.hit('203.0.113.2', '203.0.113.3');
  await follows(world);
  await onlyBanned(world, ['203.0.113.1', '203.0.113.2', '203.0.113.3']);
  must(hitsOf(world) === '203.0.113.1 203.0.113.2 203.0.113.3', `hits: ${hitsOf(world)}`);
});
