// The daemon is killed between a hit and the line about its repeats.
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, onlyBanned } from '../lib/attack.mjs';
import { bsd, hitLine, THIRD } from '../lib/log-text.mjs';

await attack(
  'a restart between a hit and its repeats loses no repeat',
  async (world) => {
    world.write(hitLine('203.0.113.1', { date: bsd() }));
    await eventually('the hit is recorded', async () => (await world.status()).hits === 1);
    await world.kill();
    world.write(`${bsd()} mx last message repeated 2 times\n`);
    await world.start();
    await onlyBanned(world, ['203.0.113.1']);
  },
  THIRD,
);
