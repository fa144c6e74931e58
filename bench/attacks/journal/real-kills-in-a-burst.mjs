// The daemon is killed four times while it reads a burst of two thousand entries with a hundred hits.
import { setTimeout as sleep } from 'node:timers/promises';
import { attackJournald, follows, hitsOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournald('no hit is lost or counted twice when the daemon is killed during a burst', async (world, journal) => {
  const clients = Array.from({ length: 100 }, (_, index) => `203.0.113.${index + 1}`);
  const entries = clients.flatMap((client, index) => [
    journal.hitOf(client, index),
    ...Array.from({ length: 19 }, (__, other) =>
      journal.hitOf('', index, `connect from mail${other}.example.net[198.51.100.${other}]`),
    ),
  ]);
  journal.send(entries.slice(0, 200));
  await onlyBanned(world, clients.slice(0, 10));
  await world.kill();
  journal.send(entries.slice(200));
  for (const pause of [350, 420, 500, 600]) {
    world.spawn();
    await sleep(pause);
    await world.kill();
  }
  await follows(world);
  await onlyBanned(world, clients, 15_000);
  must(
    hitsOf(world) === clients.toSorted((one, other) => one.localeCompare(other)).join(' '),
    'the hits are not those of the burst',
  );
});
