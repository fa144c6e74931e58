// The cursor in the ledger is a time that journalctl cannot parse, as in a damaged row.
import { setTimeout as sleep } from 'node:timers/promises';
import { attackJournal, hitsOf } from '../lib/journal.mjs';
import { replaceCursor } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournal('a cursor that journalctl refuses as a time does not stop reading', async (world, journal) => {
  await journal.start();
  journal.hit('203.0.113.1');
  await onlyBanned(world, ['203.0.113.1']);
  await world.stop();
  replaceCursor(world, '@18446744073709');
  await sleep(1100); // Reading begins at a whole second, and must not begin before the last hit.
  await journal.start(2);
  journal.hit('203.0.113.2');
  await onlyBanned(world, ['203.0.113.1', '203.0.113.2'], 15_000);
  must(hitsOf(world) === '203.0.113.1 203.0.113.2', `hits: ${hitsOf(world)}`);
});
