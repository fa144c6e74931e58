// A client needs three hits within ten minutes; the clock is set back and forward between these hits.
import { clockAttack, HOUR, says, trap } from '../lib/clock.mjs';
import { onlyBanned } from '../lib/attack.mjs';

await clockAttack(
  'hits whose dates are hours apart are not counted together, and three hits in ten minutes are counted together',
  async (world, clock) => {
    trap(world, clock, '203.0.113.1', { number: 1 });
    trap(world, clock, '203.0.113.1', { number: 2 });
    await says(world, '203.0.113.1, hit 2 of 3');
    clock.ahead = -5 * HOUR;
    trap(world, clock, '203.0.113.1', { number: 3 });
    await says(world, '203.0.113.1, hit 1 of 3');
    clock.ahead = 5 * HOUR;
    trap(world, clock, '203.0.113.1', { number: 4 });
    await onlyBanned(world, []);
    clock.ahead = -5 * HOUR;
    trap(world, clock, '203.0.113.1', { number: 5 });
    trap(world, clock, '203.0.113.1', { number: 6 });
    trap(world, clock, '203.0.113.1', { number: 7 });
    await onlyBanned(world, ['203.0.113.1']);
  },
  { config: 'defaults: { maxretry: 3, findtime: 10m }', hit: (world, address) => void world.ban([address]) },
);
