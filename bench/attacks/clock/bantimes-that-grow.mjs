// A client mails the trap again right after each ban; the clock is set forward to the end of each ban.
import { clockAttack, DAY, HOUR, left, trap } from '../lib/clock.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await clockAttack(
  'each further ban is three times as long, up to bantime_max, and a ban after bantime_forget is as long as the first',
  async (world, clock) => {
    const lengths = [];
    for (let number = 0; number < 6; number += 1) {
      trap(world, clock, '203.0.113.1', { number });
      await onlyBanned(world, ['203.0.113.1']);
      const length = await left(world, clock, '203.0.113.1');
      lengths.push(Math.round(length / HOUR));
      clock.ahead += length + 2000;
      await onlyBanned(world, []);
    }
    clock.ahead += 31 * DAY;
    trap(world, clock, '203.0.113.1', { number: 7 });
    await onlyBanned(world, ['203.0.113.1']);
    lengths.push(Math.round((await left(world, clock, '203.0.113.1')) / HOUR));
    must(lengths.join() === '2,6,18,54,100,100,2', `the bans last ${lengths.join()} hours`);
  },
  { config: 'defaults: { bantime: 2h, bantime_factor: 3, bantime_max: 100h }' },
);
