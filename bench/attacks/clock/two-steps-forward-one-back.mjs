// The clock is set forward twice, with a ban after each step, and then set back in one step that undoes both steps.
import { setTimeout as sleep } from 'node:timers/promises';
import { clockAttack, DAY, HOUR, mustLast, says } from '../lib/clock.mjs';

await clockAttack('a step back that undoes two steps forward leaves each ban its remaining time', async (world, clock) => {
  await world.ban(['203.0.113.1'], { duration: 10 * DAY });
  clock.ahead = HOUR;
  await sleep(2500);
  await world.ban(['203.0.113.2'], { duration: 5 * HOUR });
  clock.ahead = 3 * HOUR;
  await sleep(2500);
  await world.ban(['203.0.113.3'], { duration: 5 * HOUR });
  clock.ahead = -HOUR;
  await says(world, 'the clock was set back by 4h');
  await mustLast(world, clock, '203.0.113.1', 10 * DAY);
  await mustLast(world, clock, '203.0.113.2', 5 * HOUR);
  await mustLast(world, clock, '203.0.113.3', 5 * HOUR);
});
