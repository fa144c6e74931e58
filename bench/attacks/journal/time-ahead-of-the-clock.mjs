// The daemon was first started under a clock that was a year ahead, so that its cursor is a time in the future. The clock was then set right.
import { attackJournald, follows, hitsOf } from '../lib/journal.mjs';
import { replaceCursor } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournald('a recorded time ahead of the clock hides no later hit', async (world, journal) => {
  await world.stop();
  replaceCursor(world, `@${Math.floor(Date.now() / 1000) + 365 * 86_400}`);
  await follows(world);
  journal.hit('203.0.113.1');
  await onlyBanned(world, ['203.0.113.1'], 10_000);
  must(hitsOf(world) === '203.0.113.1', `hits: ${hitsOf(world)}`);
});
