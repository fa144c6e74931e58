// The machine's zone is set from UTC to New York. A program that was started before this change still writes UTC, and a second program writes the
// time of Tokyo.
import { clockAttack, dated, HOUR, hitsOf, mustLast, says } from '../lib/clock.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await clockAttack(
  'a line dated ahead of the clock bans from now on, a line dated behind the clock is reported, and dates with an offset are read correctly',
  async (world, clock) => {
    world.write(dated('Jul 15 12:00:03', '203.0.113.1', 1)); // UTC in New York: four hours ahead.
    world.write(dated('Jul 15 05:00:03', '203.0.113.2', 2)); // Los Angeles in New York: three hours behind.
    world.write(dated('2026-07-15T21:00:03+09:00', '203.0.113.3', 3));
    world.write(dated('2026-07-15T12:00:03+00:00', '203.0.113.4', 4));
    await onlyBanned(world, ['203.0.113.1', '203.0.113.3', '203.0.113.4']);
    for (const last of [1, 3, 4]) await mustLast(world, clock, `203.0.113.${last}`, HOUR);
    await says(world, '203.0.113.2 already over, not banned');
    must(hitsOf(world) === 4, `${hitsOf(world)} hits instead of 4`);
  },
  { at: '2026-07-15T12:00:05Z', zone: 'America/New_York' },
);
