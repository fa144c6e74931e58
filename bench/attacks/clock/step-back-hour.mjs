// The clock is set back by an hour while bans of three lengths are in force.
import { clockAttack, HOUR, MINUTE, mustLast, says, SECOND, trap } from '../lib/clock.mjs';
import { onlyBanned } from '../lib/attack.mjs';

await clockAttack(
  'after a step back each ban has its remaining time, in the ledger and in the firewall',
  async (world, clock) => {
    await world.ban(['203.0.113.1'], { duration: 2 * HOUR });
    await world.ban(['203.0.113.2'], { duration: 4 * SECOND });
    trap(world, clock, '203.0.113.3');
    await onlyBanned(world, ['203.0.113.1', '203.0.113.2', '203.0.113.3']);
    clock.ahead = -HOUR;
    await says(world, 'the clock was set back by 1h');
    await onlyBanned(world, ['203.0.113.1', '203.0.113.3'], 15 * SECOND);
    await mustLast(world, clock, '203.0.113.1', 120 * MINUTE);
    await mustLast(world, clock, '203.0.113.3', 60 * MINUTE);
  },
  { config: 'sync: 1s' },
);
