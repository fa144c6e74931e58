// The watchdog needs a keep-alive message every two milliseconds, which is faster than a program can be started.
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { programsOf } from '../lib/signals.mjs';

await attack(
  'keep-alive messages that are due too often accumulate no programs and delay no ban',
  async (world) => {
    world.before = ['env', `NOTIFY_SOCKET=${join(world.folder, 'nobody')}`, 'WATCHDOG_USEC=2000'];
    await world.start();
    let most = 0;
    for (let look = 0; look < 40; look += 1) {
      await sleep(50);
      most = Math.max(most, programsOf(world.child.pid).length);
    }
    must(most < 12, `${most} programs ran at once`);
    world.write(trapLine('203.0.113.1'));
    await onlyBanned(world, ['203.0.113.1']);
  },
  { started: false },
);
