// The daemon is started again while the clock is ten years ahead, and bans a client; then the clock is corrected.
import { clockAttack, DAY, HOUR, mustLast, says, trap } from '../lib/clock.mjs';
import { onlyBanned } from '../lib/attack.mjs';

await clockAttack(
  'bans keep their remaining times when a clock that was ten years ahead at the start of the daemon is set back',
  async (world, clock) => {
    await world.kill();
    clock.ahead = 3650 * DAY;
    await world.start();
    trap(world, clock, '203.0.113.1');
    await world.ban(['203.0.113.2'], { duration: 5 * HOUR });
    await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
    clock.ahead = 0;
    await says(world, 'the ends of bans move with it');
    await mustLast(world, clock, '203.0.113.1', HOUR);
    await mustLast(world, clock, '203.0.113.2', 5 * HOUR);
    await world.kill();
    await world.start();
    await mustLast(world, clock, '203.0.113.1', HOUR);
  },
  { config: 'sync: 1s' },
);
