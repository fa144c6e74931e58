// The clock is set forward by an hour; some bans are over by the new time.
import { clockAttack, HOUR, MINUTE, mustLast } from '../lib/clock.mjs';
import { onlyBanned } from '../lib/attack.mjs';

await clockAttack(
  'after a step forward the bans that are over by the new time end, and all other bans stay',
  async (world, clock) => {
    await world.ban(['203.0.113.1'], { duration: 50 * MINUTE });
    await world.ban(['203.0.113.2'], { duration: 70 * MINUTE });
    await world.ban(['203.0.113.3'], { duration: null });
    clock.ahead = HOUR;
    await onlyBanned(world, ['203.0.113.2', '203.0.113.3']);
    const [row] = await world.bans();
    if (row.network !== '203.0.113.2') throw new Error('the ban by hand for ever is listed first');
    clock.ahead = HOUR + 20 * MINUTE;
    await onlyBanned(world, ['203.0.113.3']);
    await world.ban(['203.0.113.4'], { duration: HOUR });
    await mustLast(world, clock, '203.0.113.4', HOUR);
  },
  { config: 'sync: 1s' },
);
