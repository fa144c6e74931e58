// The cursor in the ledger is one that journald does not know, with a time after the year 500000.
import { setTimeout as sleep } from 'node:timers/promises';
import { attackJournal, hitsOf, replaceCursor } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournal('an unknown cursor of a far future does not stop reading', async (world, journal) => {
  await journal.start();
  journal.hit('203.0.113.1');
  await onlyBanned(world, ['203.0.113.1']);
  await world.stop();
  replaceCursor(world, 's=xyz;i=1;t=ffffffffffffffff');
  await sleep(1100); // Reading begins at a whole second, and must not begin before the last hit.
  await journal.start(3);
  journal.hit('203.0.113.2');
  await onlyBanned(world, ['203.0.113.1', '203.0.113.2'], 15_000);
  must(hitsOf(world) === '203.0.113.1 203.0.113.2', `hits: ${hitsOf(world)}`);
});
