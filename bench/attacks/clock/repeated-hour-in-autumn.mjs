// In the night in which the clocks of Berlin are set back, equal lines are written in both passes of the hour.
import { clockAttack, dated, HOUR, hitsOf, mustLast } from '../lib/clock.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await clockAttack(
  'in both passes of the repeated hour a ban lasts an hour from now',
  async (world, clock) => {
    world.write(dated('Oct 25 02:30:00', '203.0.113.1', 1));
    await onlyBanned(world, ['203.0.113.1']);
    await mustLast(world, clock, '203.0.113.1', HOUR);
    clock.set('2026-10-25T01:30:05Z');
    await onlyBanned(world, []);
    world.write(dated('Oct 25 02:30:00', '203.0.113.1', 1)); // The second pass.
    world.write(dated('2026-10-25T02:30:01', '203.0.113.2', 2));
    await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
    await mustLast(world, clock, '203.0.113.1', 2 * HOUR); // The second offence.
    await mustLast(world, clock, '203.0.113.2', HOUR);
    must(hitsOf(world) === 3, `${hitsOf(world)} hits instead of 3`);
  },
  { at: '2026-10-25T00:30:05Z', zone: 'Europe/Berlin' },
);
