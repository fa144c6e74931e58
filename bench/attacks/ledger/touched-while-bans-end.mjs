// A program changes the modification time of the ledger again and again while bans end on time and by hand.
import { utimesSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { meanwhile } from '../lib/ledger.mjs';

await attack(
  'a ban that has ended is not set again as a ban by hand',
  async (world) => {
    await meanwhile(
      () => utimesSync(world.state, Math.random() * 1e9, Math.random() * 1e9),
      async () => {
        for (let round = 1; round <= 15; round += 1) {
          await world.ban([`203.0.113.${round}`, `198.51.100.${round}`], { duration: 1500 });
          await world.unban([`198.51.100.${round}`]);
        }
        await sleep(3000);
      },
      7,
    );
    await onlyBanned(world, []);
    must(!/now bans by hand/.test(world.said), 'ended bans were taken for lost ones');
  },
  { config: 'sync: 1s' },
);
