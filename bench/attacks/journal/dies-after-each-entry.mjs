// journalctl ends after every second entry that it prints, and cuts the last entry in the middle.
import { attackJournal, hitsOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournal('no hit is lost or counted twice when journalctl ends in the middle of an entry', async (world, journal) => {
  await journal.start();
  journal.program('journalctl', `${journal.honest} "$@" | head -c 1500; echo 'Bus error' >&2; exit 135`);
  const clients = Array.from({ length: 5 }, (_, index) => `203.0.113.${index + 1}`);
  journal.hit(...clients);
  await onlyBanned(world, clients, 25_000);
  await world.kill();
  journal.program('journalctl', `exec ${journal.honest} "$@"`);
  await world.start();
  await onlyBanned(world, clients, 25_000);
  must(hitsOf(world) === clients.join(' '), `hits: ${hitsOf(world)}`);
});
