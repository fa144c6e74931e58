// Lines of 29 February are read around midnight, with and without a year, in a leap year and in a year without that day.
import { clockAttack, dated, HOUR, mustLast } from '../lib/clock.mjs';
import { onlyBanned } from '../lib/attack.mjs';

await clockAttack(
  'a leap day without a year is the leap day of this year, and a leap day that does not exist counts as now',
  async (world, clock) => {
    world.write(dated('Feb 29 23:59:57', '203.0.113.1', 1));
    world.write(dated('2028-02-29T23:59:57+00:00', '203.0.113.2', 2));
    await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
    await mustLast(world, clock, '203.0.113.1', HOUR);
    clock.set('2028-03-01T00:00:04Z');
    world.write(dated('Feb 29 23:59:59', '203.0.113.3', 3));
    await onlyBanned(world, ['203.0.113.1', '203.0.113.2', '203.0.113.3']);
    await mustLast(world, clock, '203.0.113.3', HOUR);
    clock.set('2029-03-01T00:00:04Z');
    world.write(dated('2029-02-29T23:59:59+00:00', '203.0.113.4', 4));
    world.write(dated('Feb 28 23:59:59', '203.0.113.5', 5));
    await onlyBanned(world, ['203.0.113.4', '203.0.113.5']);
    await mustLast(world, clock, '203.0.113.5', HOUR);
  },
  { at: '2028-02-29T23:59:58Z' },
);
