// The clock was a year ahead at the first start of the daemon, so that its cursor is a time in the future. Then the clock was corrected.
import { attackJournald, follows, hitsOf } from '../lib/journal.mjs';
import { replaceCursor } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournald('no later hit is lost because of a recorded time ahead of the clock', async (world, journal) => {
  await world.stop();
  replaceCursor(world, `@${Math.floor(Date.now() / 1000) + 365 * 86_400}`);
  await follows(world);
  journal.hit('203.0.113.1');
  await onlyBanned(world, ['203.0.113.1'], 10_000);
  must(hitsOf(world) === '203.0.113.1', `hits: ${hitsOf(world)}`);
});
