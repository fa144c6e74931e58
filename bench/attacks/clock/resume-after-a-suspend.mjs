// The machine sleeps for a day: the daemon stands still, and wakes up with a clock that is a day further.
import { setTimeout as sleep } from 'node:timers/promises';
import { clockAttack, DAY, HOUR, mustLast, trap } from '../lib/clock.mjs';
import { onlyBanned } from '../lib/attack.mjs';

await clockAttack(
  'after a day of sleep the short bans are over, in the kernel too, and the long ones go on',
  async (world, clock) => {
    await world.ban(['203.0.113.1'], { duration: HOUR });
    await world.ban(['203.0.113.2'], { duration: 2 * DAY });
    process.kill(world.child.pid, 'SIGSTOP');
    clock.ahead = DAY;
    trap(world, clock, '203.0.113.3');
    await sleep(1_500);
    process.kill(world.child.pid, 'SIGCONT');
    await onlyBanned(world, ['203.0.113.2', '203.0.113.3']);
    await mustLast(world, clock, '203.0.113.3', HOUR);
    await world.reload();
    await onlyBanned(world, ['203.0.113.2', '203.0.113.3']);
  },
  { config: 'sync: 1s' },
);
