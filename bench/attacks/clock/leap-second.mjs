// Postfix writes lines in a leap second, and in the second after it.
import { clockAttack, dated, hitsOf, HOUR, mustLast } from '../lib/clock.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await clockAttack(
  'a line of a leap second leads to a ban of the usual length',
  async (world, clock) => {
    world.write(dated('2026-12-31T23:59:60.500000+00:00', '203.0.113.1', 1));
    world.write(dated('Dec 31 23:59:60', '203.0.113.2', 2));
    world.write(dated('2027-01-01T00:59:60+01:00', '203.0.113.3', 3));
    await onlyBanned(world, ['203.0.113.1', '203.0.113.2', '203.0.113.3']);
    for (const last of [1, 2, 3]) await mustLast(world, clock, `203.0.113.${last}`, HOUR);
    must(hitsOf(world) === 3, `${hitsOf(world)} hits instead of 3`);
  },
  { at: '2026-12-31T23:59:59.500Z' },
);
