// The clock jumps ahead, and a client mails the trap before the daemon has detected the step.
import { clockAttack, DAY, HOUR, mustLast, says, trap } from '../lib/clock.mjs';
import { onlyBanned } from '../lib/attack.mjs';

await clockAttack('a ban made at the moment of a step forward keeps its length when the step is undone', async (world, clock) => {
  clock.ahead = 400 * DAY;
  trap(world, clock, '203.0.113.1');
  await onlyBanned(world, ['203.0.113.1']);
  clock.ahead = 0;
  await says(world, 'while it was ahead');
  await mustLast(world, clock, '203.0.113.1', HOUR);
});
