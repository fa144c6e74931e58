// The clock passes the second at which a signed 32-bit number of seconds overflows.
import { setTimeout as sleep } from 'node:timers/promises';
import { clockAttack, HOUR, mustLast, SECOND, trap } from '../lib/clock.mjs';
import { onlyBanned } from '../lib/attack.mjs';

await clockAttack(
  'bans are made and ended across 19 January 2038',
  async (world, clock) => {
    trap(world, clock, '203.0.113.1');
    await world.ban(['203.0.113.2'], { duration: 6 * SECOND });
    await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
    await sleep(Math.max(0, 2 ** 31 * 1000 - clock.now() + 500));
    await onlyBanned(world, ['203.0.113.1']);
    trap(world, clock, '203.0.113.3', { number: 3 });
    await onlyBanned(world, ['203.0.113.1', '203.0.113.3']);
    await mustLast(world, clock, '203.0.113.3', HOUR);
  },
  { at: 2 ** 31 * 1000 - 5_000 },
);
