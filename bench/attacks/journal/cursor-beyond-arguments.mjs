// The cursor in the ledger is longer than an argument of a program may be, and in a second start has a character that is not allowed in a cursor.
import { setTimeout as sleep } from 'node:timers/promises';
import { attackJournal, hitsOf, replaceCursor } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournal('a cursor with which journalctl cannot be started does not stop reading', async (world, journal) => {
  const clients = [];
  for (const [index, cursor] of [`s=abc;${'x'.repeat(300_000)}`, 's=abc;i=\u00fc'].entries()) {
    await world.start();
    await journal.followed(index + 1);
    clients.push(`203.0.113.${index + 1}`);
    journal.hit(clients.at(-1));
    await onlyBanned(world, clients);
    await world.stop();
    await sleep(1100); // Reading begins at a whole second, and must not begin before the last hit.
    replaceCursor(world, cursor);
  }
  await world.start();
  await journal.followed(3);
  journal.hit('203.0.113.9');
  await onlyBanned(world, [...clients, '203.0.113.9'], 10_000);
  must(hitsOf(world) === [...clients, '203.0.113.9'].join(' '), `hits: ${hitsOf(world)}`);
});
