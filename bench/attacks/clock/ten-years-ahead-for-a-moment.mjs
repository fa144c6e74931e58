// A broken time server sets the clock ten years ahead for a moment; a client is banned in this moment.
import { setTimeout as sleep } from 'node:timers/promises';
import { clockAttack, DAY, HOUR, left, mustLast, says, trap } from '../lib/clock.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await clockAttack(
  'a ban that was made on a clock ten years ahead lasts an hour, not ten years',
  async (world, clock) => {
    clock.ahead = 3650 * DAY;
    await sleep(1200);
    trap(world, clock, '203.0.113.1');
    await world.ban(['203.0.113.2'], { duration: 2 * HOUR });
    await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
    clock.ahead = 0;
    await says(world, 'bans that were made while it was ahead move with it');
    await mustLast(world, clock, '203.0.113.1', HOUR);
    await mustLast(world, clock, '203.0.113.2', 2 * HOUR);
    clock.ahead = -HOUR;
    await says(world, 'the clock was set back by 1h;');
    await mustLast(world, clock, '203.0.113.1', HOUR);
    clock.ahead = 2 * HOUR;
    await onlyBanned(world, []);
    must((await left(world, clock, '203.0.113.1')) === undefined, 'the ban is still listed');
  },
  { config: 'sync: 1s' },
);
