// A program changes the date of the ledger before each of three hundred bans, so that its files are opened anew each time. libsql (0.5.29) closes a
// file only when its statements are collected as garbage. So each opening may keep one descriptor until the next garbage collection. The unit allows
// 65,536 descriptors.
import { utimesSync } from 'node:fs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { descriptors, hit } from '../lib/ledger.mjs';

await attack(
  'a ledger that is opened anew three hundred times keeps at most three hundred descriptors and loses no ban',
  async (world) => {
    await hit(world, ['203.0.113.1'], 1);
    const before = descriptors(world);
    for (let time = 0; time < 300; time += 1) {
      utimesSync(world.state, time, time);
      await world.ban([`198.51.100.${time % 20}`]);
    }
    const more = descriptors(world) - before;
    must(more <= 300, `${more} more descriptors`);
    await onlyBanned(world, ['203.0.113.1', ...Array.from({ length: 20 }, (_, index) => `198.51.100.${index}`)]);
  },
);
