// The configuration has the largest permitted bantime_factor (1000) and the largest permitted bantime_max (a hundred years).
import { clockAttack, DAY, left, trap } from '../lib/clock.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await clockAttack(
  'with the largest factor, no ban is longer than bantime_max',
  async (world, clock) => {
    let last = 0;
    for (let number = 0; number < 5; number += 1) {
      trap(world, clock, '203.0.113.1', { number });
      await onlyBanned(world, ['203.0.113.1']);
      last = await left(world, clock, '203.0.113.1');
      await world.unban(['203.0.113.1']);
      clock.ahead += 2000;
      await onlyBanned(world, []);
    }
    must(Math.abs(last - 36_500 * DAY) < DAY, `the fifth ban lasts ${last} ms`);
    must(world.rows('SELECT max(offence) AS n FROM offences')[0].n === 5, 'five offences are not recorded');
  },
  {
    config: 'defaults: { bantime: 60s, bantime_factor: 1000, bantime_max: 36500d, bantime_forget: 36500d }',
    hit: (world, address) => void world.ban([address], { duration: 60_000 }),
  },
);
