// Every ban lasts a second, and banned clients mail the trap again and again.
import { setTimeout as sleep } from 'node:timers/promises';
import { client, clockAttack, hitsOf, trap } from '../lib/clock.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';
import { eventually } from '../../../test/support/faults/daemon.mjs';

await clockAttack(
  'bans of a second are set and end, and no element stays in the firewall',
  async (world, clock) => {
    for (let number = 0; number < 200; number += 1) {
      trap(world, clock, client(1 + (number % 20)), { number });
      if (number % 4 === 0) await sleep(20);
    }
    await eventually('all hits are on record', () => hitsOf(world) === 200);
    await onlyBanned(world, []);
    const { actions, bans } = await world.status();
    must(bans === 0, `status counts ${bans} bans`);
    must(actions[0].state === 'ok' && actions[0].owed === 0, JSON.stringify(actions[0]));
  },
  { config: 'sync: 1s\ndefaults: { bantime: 1s, bantime_increment: false }', hit: lasting },
);

/** The ban of the further client must be seen, so it is set by hand. */
function lasting(world, address) {
  void world.ban([address], { duration: 60_000 });
}
