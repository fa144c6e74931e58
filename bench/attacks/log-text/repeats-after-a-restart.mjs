// The daemon is killed between a hit and the line "last message repeated N times".
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, onlyBanned } from '../lib/attack.mjs';
import { bsd, hitLine, THIRD } from '../lib/log-text.mjs';

await attack(
  'no repeat is lost when the daemon is restarted between a hit and its repeats',
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
