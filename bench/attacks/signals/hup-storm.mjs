// The daemon gets a thousand SIGHUP as fast as possible.
import { setTimeout as sleep } from 'node:timers/promises';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, onlyBanned } from '../lib/attack.mjs';

await attack('after a thousand SIGHUP the daemon still runs, and no hit is lost', async (world) => {
  for (let number = 0; number < 1000; number += 1) {
    world.child.kill('SIGHUP');
    if (number % 100 === 0) {
      world.write(trapLine(`203.0.113.${1 + number / 100}`, { number }));
      await sleep(1);
    }
  }
  await onlyBanned(
    world,
    Array.from({ length: 10 }, (_, index) => `203.0.113.${1 + index}`),
  );
});
