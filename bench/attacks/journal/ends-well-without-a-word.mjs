// journalctl ends at once with code 0 and prints nothing, again and again, before it works.
import { setTimeout as sleep } from 'node:timers/promises';
import { attackJournal, hitsOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournal('a journalctl that ends at once without an error is run again without a log flood', async (world, journal) => {
  journal.program('journalctl', 'exit 0');
  await world.start();
  await sleep(3000);
  must((await world.status()).sources[0].state === 'polling', 'the journal is not polled');
  journal.hit('203.0.113.1');
  journal.program('journalctl', `exec ${journal.honest} "$@"`);
  await onlyBanned(world, ['203.0.113.1'], 10_000);
  must(hitsOf(world) === '203.0.113.1', `hits: ${hitsOf(world)}`);
  must(world.said.split('it is run every second instead').length === 2, 'the polling is not reported in one line');
});
