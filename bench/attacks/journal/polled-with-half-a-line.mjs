// journalctl cannot follow the journal, so it is polled. Every second call ends with exit code 0 in the middle of the last entry.
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attackJournal, hitsOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournal('an entry that was cut counts once, when it is complete', async (world, journal) => {
  const mark = `${journal.file}.half`;
  const plain = `${journal.honest} $(echo "$@" | sed 's/--follow//')`;
  const half = `if test -e ${mark}; then rm ${mark}; ${plain} | head -c -40; else touch ${mark}; ${plain}; fi; exit 0`;
  journal.program('journalctl', `case "$*" in *--follow*) ${half};; esac\nexec ${journal.honest} "$@"`);
  await world.start();
  await eventually('the journal is polled', () => journal.calls.length > 1);
  const clients = ['203.0.113.1', '203.0.113.2', '203.0.113.3'];
  for (const client of clients) {
    journal.hit(client);
    await sleep(1500);
  }
  await onlyBanned(world, clients, 15_000);
  must(hitsOf(world) === clients.join(' '), `hits: ${hitsOf(world)}`);
});
