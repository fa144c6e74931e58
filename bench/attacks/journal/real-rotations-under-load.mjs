// journald rotates its files again and again while clients mail the trap.
import { attackJournald, hitsOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournald('each hit is counted once over many rotations', async (world, journal) => {
  const clients = Array.from({ length: 8 }, (_, index) => `203.0.113.${index + 1}`);
  for (const client of clients) {
    journal.hit(client);
    await journal.rotate();
  }
  await onlyBanned(world, clients);
  must(hitsOf(world) === clients.join(' '), `hits: ${hitsOf(world)}`);
});
