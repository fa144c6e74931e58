// A program changes the modification time of the ledger before each of three hundred bans, so that the daemon opens its files again each time.
import { utimesSync } from 'node:fs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { descriptors, hit } from '../lib/ledger.mjs';

await attack('when the ledger is opened again and again, no descriptor is leaked and no ban is lost', async (world) => {
  await hit(world, ['203.0.113.1'], 1);
  const before = descriptors(world);
  for (let time = 0; time < 300; time += 1) {
    utimesSync(world.state, time, time);
    await world.ban([`198.51.100.${time % 20}`]);
  }
  const more = descriptors(world) - before;
  must(more < 60, `${more} more descriptors`);
  await onlyBanned(world, ['203.0.113.1', ...Array.from({ length: 20 }, (_, index) => `198.51.100.${index}`)]);
});
