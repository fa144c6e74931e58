// Every second run of nft ends by a signal, before or after it has made its changes.
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned, slowness } from '../lib/attack.mjs';
import { client } from '../lib/clock.mjs';
import { fakeNft } from '../lib/signals.mjs';

await attack(
  'no ban is lost when nft crashes, and each crash is one log line',
  async (world) => {
    fakeNft(world, `case "$*" in *-i*|*monitor*) exit 1 ;; esac; [ $((RANDOM % 2)) = 0 ] && kill -$((RANDOM % 2 ? 11 : 9)) $$`);
    await world.start();
    for (let number = 0; number < 20; number += 1) {
      world.write(trapLine(client(1 + number), { number }));
      await sleep(20);
    }
    const all = Array.from({ length: 20 }, (_, index) => client(1 + index));
    await eventually('the bans are set', () => world.holds(all), 40_000 * slowness());
    await onlyBanned(world, all, 40_000);
    must(/ended by SIG(SEGV|KILL)/.test(world.said), 'no crash was reported');
    must(!/\n\s+at /.test(world.said), world.said);
  },
  { started: false, config: 'sync: 1s', after: false },
);
