// Two jails ban one client for different times, and the clock is set back between their ends.
import { clockAttack, HOUR, mustLast, says, SECOND, trap } from '../lib/clock.mjs';
import { onlyBanned } from '../lib/attack.mjs';

await clockAttack(
  'after the clock was set back, the longer ban keeps its remaining time when the shorter ban ends',
  async (world, clock) => {
    trap(world, clock, '203.0.113.1');
    await onlyBanned(world, ['203.0.113.1']);
    await world.ban(['203.0.113.1'], { duration: 6 * SECOND });
    clock.ahead = -3 * HOUR;
    await says(world, 'the clock was set back by 3h');
    await says(world, 'manual: unban 203.0.113.1');
    await onlyBanned(world, ['203.0.113.1']);
    await mustLast(world, clock, '203.0.113.1', HOUR, 60 * SECOND);
  },
  { config: 'sync: 1s' },
);
