// The machine boots with an empty clock battery in 1970 while the ledger has bans of this year; then the clock is corrected.
import { clockAttack, mustLast, SECOND } from '../lib/clock.mjs';
import { onlyBanned } from '../lib/attack.mjs';

await clockAttack('bans of this year survive a start in 1970 and end on time when the clock is corrected', async (world, clock) => {
  await world.ban(['203.0.113.1'], { duration: 3600 * SECOND });
  await world.ban(['203.0.113.2'], { duration: 20 * SECOND });
  await world.stop();
  const right = clock.ahead;
  clock.set(5_000);
  await world.start();
  await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
  clock.ahead = right;
  await onlyBanned(world, ['203.0.113.1'], 40 * SECOND);
  const row = (await world.bans())[0];
  const end = Date.parse(row.until) - clock.now();
  if (end > 3600 * SECOND) throw new Error(`the ban lasts ${end} ms more`);
  await world.ban(['203.0.113.3'], { duration: 3600 * SECOND });
  await mustLast(world, clock, '203.0.113.3', 3600 * SECOND);
});
