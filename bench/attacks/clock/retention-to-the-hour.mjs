// Lines are a little younger and a little older than the retention of hits, and their bans last longer than the retention.
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { clockAttack, DAY, hitsOf, HOUR, left } from '../lib/clock.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await clockAttack(
  'the ban of an old hit is set for its remaining time, whether the hit is kept or not',
  async (world, clock) => {
    world.write(trapLine('203.0.113.1', { at: clock.now() - 2 * DAY + HOUR, number: 1 }));
    world.write(trapLine('203.0.113.2', { at: clock.now() - 2 * DAY - HOUR, number: 2 }));
    world.write(trapLine('203.0.113.3', { at: clock.now() - 100 * DAY, number: 3 }));
    await onlyBanned(world, ['203.0.113.1', '203.0.113.2', '203.0.113.3']);
    must(hitsOf(world) === 1, `${hitsOf(world)} hits instead of 1`);
    must(Math.abs((await left(world, clock, '203.0.113.3')) - 265 * DAY) < HOUR, 'the oldest ban has another end');
    await world.unban(['203.0.113.3']);
    await world.kill();
    await world.start();
    await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
  },
  { config: 'hit_retention: 2d\ndefaults: { bantime: 365d }' },
);
