// The clock is twenty years ahead while the ledger deletes old rows.
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { client, clockAttack, DAY, hitsOf } from '../lib/clock.mjs';
import { must } from '../lib/attack.mjs';

await clockAttack('no recorded hit is deleted when the clock is ahead for a while', async (world, clock) => {
  world.write(...Array.from({ length: 200 }, (_, number) => trapLine(client(1 + number), { number })));
  await eventually('the hits are on record', () => hitsOf(world) === 200);
  clock.ahead = 7300 * DAY;
  await sleep(11_000); // Two slices of the purge.
  clock.ahead = 0;
  await sleep(1500);
  must(hitsOf(world) === 200, `${hitsOf(world)} of 200 hits are left`);
  must((await world.status()).hits === 200, 'status counts other hits');
  must(world.rows('SELECT count(*) AS n FROM offences')[0].n === 200, 'offences are lost');
});
