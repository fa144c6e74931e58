// The battery of the clock is empty: the daemon starts in January 1970, and the time server corrects the clock later.
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { clockAttack, HOUR, hitsOf, MINUTE, mustLast, trap } from '../lib/clock.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await clockAttack(
  'a daemon that starts in 1970 bans clients, and still does so after the clock was corrected',
  async (world, clock) => {
    trap(world, clock, '203.0.113.1');
    world.write(trapLine('203.0.113.2', { at: Date.now(), number: 2 })); // Another machine has the right date.
    world.write(trapLine('203.0.113.3', { at: 1000, number: 3 }).replace('+00:00', '+14:00')); // Before 1970.
    await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
    await mustLast(world, clock, '203.0.113.2', HOUR);
    must(hitsOf(world) === 3, `${hitsOf(world)} hits instead of 3`);
    must(!world.said.includes('correct or delete it'), 'the daemon refuses its own rows');
    clock.ahead = 0;
    await onlyBanned(world, []);
    trap(world, clock, '203.0.113.4', { number: 4 });
    await onlyBanned(world, ['203.0.113.4']);
    await mustLast(world, clock, '203.0.113.4', 60 * MINUTE);
  },
  { at: 20_000 },
);
