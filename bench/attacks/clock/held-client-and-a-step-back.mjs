// A banned client goes on mailing the trap while the clock is set back. These hits (verdict `held`) must not make the ban longer.
import { setTimeout as sleep } from 'node:timers/promises';
import { clockAttack, DAY, HOUR, hitsOf, mustLast, trap } from '../lib/clock.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await clockAttack('after a step back, hits during a ban neither prolong the ban nor add an offence', async (world, clock) => {
  for (let number = 0; number < 40; number += 1) {
    if (number === 10) clock.ahead = -DAY;
    if (number === 20) clock.ahead = -30 * DAY;
    if (number === 30) clock.ahead = -30 * DAY - HOUR;
    trap(world, clock, '203.0.113.1', { number });
    await sleep(60);
  }
  await onlyBanned(world, ['203.0.113.1']);
  await mustLast(world, clock, '203.0.113.1', HOUR);
  must((await world.bans())[0].offence === 1, 'a second offence was recorded');
  must(hitsOf(world) === 40, `${hitsOf(world)} hits instead of 40`);
});
