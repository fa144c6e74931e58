// A virtual machine sets the clock back by a second and a half again and again. Each step alone is too small to be detected.
import { setTimeout as sleep } from 'node:timers/promises';
import { clockAttack, HOUR, mustLast, SECOND } from '../lib/clock.mjs';

await clockAttack('small steps back do not make a ban longer', async (world, clock) => {
  await world.ban(['203.0.113.1'], { duration: HOUR });
  const begun = performance.now();
  for (let step = 0; step < 14; step += 1) {
    clock.ahead -= 1.5 * SECOND;
    await sleep(500);
  }
  await sleep(1500);
  await mustLast(world, clock, '203.0.113.1', HOUR - (performance.now() - begun), 5 * SECOND);
});
