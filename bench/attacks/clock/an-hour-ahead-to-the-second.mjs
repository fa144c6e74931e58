// Lines are dated a minute less and a minute more than an hour ahead of the clock.
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { clockAttack, HOUR, left, MINUTE } from '../lib/clock.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await clockAttack('with a ban time of one hour, no date makes a ban longer than two hours', async (world, clock) => {
  world.write(trapLine('203.0.113.1', { at: clock.now() + 59 * MINUTE, number: 1 }));
  world.write(trapLine('203.0.113.2', { at: clock.now() + 61 * MINUTE, number: 2 }));
  await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
  const [one, two] = [await left(world, clock, '203.0.113.1'), await left(world, clock, '203.0.113.2')];
  must(one <= 2 * HOUR && one > 1.9 * HOUR, `59 minutes ahead: ${one} ms`);
  must(two <= HOUR && two > 0.9 * HOUR, `61 minutes ahead: ${two} ms`);
});
