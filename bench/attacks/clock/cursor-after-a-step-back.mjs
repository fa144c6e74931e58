// The clock is set back by a year; lines without hits are read, and the daemon is killed.
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, otherLine } from '../../../test/support/faults/daemon.mjs';
import { clockAttack, DAY } from '../lib/clock.mjs';
import { must, slowness } from '../lib/attack.mjs';

await clockAttack(
  'the cursor is still recorded, so that the next start does not read the whole log again',
  async (world, clock) => {
    world.write(otherLine(1));
    await sleep(500);
    clock.ahead = -365 * DAY;
    world.write(...Array.from({ length: 2000 }, (_, number) => otherLine(number)));
    await eventually('the lines are read', async () => (await world.status()).sources[0].lines > 2000);
    const before = world.rows('SELECT cursor FROM cursors')[0].cursor;
    await eventually(
      'a further cursor',
      async () => {
        world.write(otherLine(7));
        await sleep(200);
        return world.rows('SELECT cursor FROM cursors')[0].cursor !== before;
      },
      15_000 * slowness(),
    );
    await world.kill();
    await world.start();
    await sleep(1000);
    const { lines } = (await world.status()).sources[0];
    must(lines < 1000, `${lines} lines were read again`);
  },
);
