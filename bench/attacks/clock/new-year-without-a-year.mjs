// Lines whose dates have no year are read around New Year: a line dated in the new year is read in the old year, and lines dated in the old year
// are read in the new year.
import { clockAttack, dated, HOUR, hitsOf, mustLast } from '../lib/clock.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await clockAttack(
  'a date without a year gets the year that puts it nearest to the clock, before and after New Year',
  async (world, clock) => {
    world.write(dated('Jan  1 00:00:02', '203.0.113.1', 1)); // The writer is some seconds ahead.
    await onlyBanned(world, ['203.0.113.1']);
    clock.set('2027-01-01T00:00:05Z');
    world.write(dated('Dec 31 23:59:58', '203.0.113.2', 2));
    world.write(dated('Jan  1 00:00:03', '203.0.113.3', 3));
    world.write(dated('Dec 31 21:59:58', '203.0.113.4', 4)); // Two hours old: its ban is over.
    await onlyBanned(world, ['203.0.113.1', '203.0.113.2', '203.0.113.3']);
    for (const last of [1, 2, 3]) await mustLast(world, clock, `203.0.113.${last}`, HOUR);
    must(hitsOf(world) === 4, `${hitsOf(world)} hits instead of 4`);
  },
  { at: '2026-12-31T23:59:50Z' },
);
