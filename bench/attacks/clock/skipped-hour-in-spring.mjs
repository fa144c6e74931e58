// In the night in which the clocks of Berlin skip an hour, a program with the old offset writes times that do not exist.
import { clockAttack, dated, HOUR, mustLast } from '../lib/clock.mjs';
import { onlyBanned } from '../lib/attack.mjs';

await clockAttack(
  'a local time that the clocks skipped is read as the instant after the skip, not as an hour earlier',
  async (world, clock) => {
    world.write(dated('Mar 28 02:30:00', '203.0.113.1', 1), dated('Mar 28 03:30:01', '203.0.113.2', 2));
    await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
    await mustLast(world, clock, '203.0.113.1', HOUR);
    await mustLast(world, clock, '203.0.113.2', HOUR);
  },
  { at: '2027-03-28T01:30:05Z', zone: 'Europe/Berlin' },
);
