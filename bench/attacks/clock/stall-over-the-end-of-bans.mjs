// The daemon is stopped for some seconds, as in a suspended machine, while bans end and clients mail the trap.
import { setTimeout as sleep } from 'node:timers/promises';
import { client, clockAttack, hitsOf, SECOND, trap } from '../lib/clock.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await clockAttack(
  'when the daemon continues, it lifts the bans that have ended and reads every line once',
  async (world, clock) => {
    for (let number = 1; number <= 50; number += 1) await world.ban([client(number)], { duration: 3 * SECOND });
    process.kill(world.child.pid, 'SIGSTOP');
    for (let number = 101; number <= 140; number += 1) trap(world, clock, client(number), { number });
    await sleep(5_000);
    process.kill(world.child.pid, 'SIGCONT');
    await onlyBanned(
      world,
      Array.from({ length: 40 }, (_, index) => client(101 + index)),
    );
    must(hitsOf(world) === 40, `${hitsOf(world)} hits instead of 40`);
    const { actions } = await world.status();
    must(actions[0].state === 'ok', `the action is ${JSON.stringify(actions[0])}`);
  },
  { config: 'sync: 1s' },
);
