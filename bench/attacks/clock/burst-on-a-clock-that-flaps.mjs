// The clock jumps a day forward and back twenty times while a burst of lines is read.
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { client, clockAttack, DAY, hitsOf, HOUR, left, SECOND } from '../lib/clock.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await clockAttack(
  'while the clock jumps, no hit of a burst is lost or counted twice, and no ban becomes longer',
  async (world, clock) => {
    await world.ban(['203.0.113.201'], { duration: 10 * DAY });
    for (let jump = 0; jump < 20; jump += 1) {
      clock.ahead = jump % 2 === 0 ? DAY : 0;
      for (let part = 0; part < 5; part += 1) {
        const first = jump * 50 + part * 10;
        world.write(
          ...Array.from({ length: 10 }, (_, index) =>
            trapLine(client(1 + ((first + index) % 200)), { at: clock.now(), number: first + index }),
          ),
        );
        await sleep(30);
      }
    }
    clock.ahead = 0;
    await eventually('all hits are on record', () => hitsOf(world) === 1000);
    await sleep(2500);
    must(hitsOf(world) === 1000, `${hitsOf(world)} hits instead of 1000`);
    const bans = await world.bans();
    for (const { network, until, jail, offence } of bans) {
      const rest = Date.parse(until) - clock.now();
      const most = jail === 'manual' ? 10 * DAY : Math.min(DAY, HOUR * 2 ** (offence - 1));
      must(rest <= most + 3 * SECOND, `${network} is banned for ${rest} ms, offence ${offence}`);
    }
    must(Math.abs((await left(world, clock, '203.0.113.201')) - 10 * DAY) < 60 * SECOND, 'the long ban has another end');
    await onlyBanned(
      world,
      bans.map(({ network }) => network),
    );
  },
  { config: 'sync: 1s' },
);
