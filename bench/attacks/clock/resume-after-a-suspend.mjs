// The machine is suspended for a day: the daemon is stopped, and continues when the clock is a day later.
import { setTimeout as sleep } from 'node:timers/promises';
import { clockAttack, DAY, HOUR, mustLast, trap } from '../lib/clock.mjs';
import { onlyBanned } from '../lib/attack.mjs';

await clockAttack(
  'after a suspend of a day the short bans have ended, in the kernel too, and the long bans go on',
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
