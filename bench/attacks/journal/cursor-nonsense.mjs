// In several starts, the cursor in the ledger is an option of journalctl, a text with newlines, or an empty text.
import { setTimeout as sleep } from 'node:timers/promises';
import { attackJournal, hitsOf, replaceCursor } from '../lib/journal.mjs';
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournal('an invalid cursor is reported in one line, and reading goes on', async (world, journal) => {
  const clients = [];
  for (const [index, cursor] of ['--vacuum-size=1', 'a\nb\n<3>forged line', '', '\u{1b}[2J'].entries()) {
    await journal.start(index + 1);
    clients.push(`203.0.113.${index + 1}`);
    journal.hit(clients.at(-1));
    await onlyBanned(world, clients);
    await world.stop();
    await sleep(1100); // Reading begins at a whole second, and must not begin before the last hit.
    replaceCursor(world, cursor);
  }
  await world.start();
  await eventually('the cursor is refused', () => world.said.includes('does not know the stored cursor'));
  await journal.followed(5);
  journal.hit('203.0.113.9');
  await onlyBanned(world, [...clients, '203.0.113.9'], 10_000);
  must(hitsOf(world) === [...clients, '203.0.113.9'].join(' '), `hits: ${hitsOf(world)}`);
  must(!world.said.includes('\n<3>forged') && !world.said.includes('\u001b'), 'the cursor wrote a line of the log');
});
