// journalctl prints its entries one byte at a time, with characters of several bytes in the message.
import { appendFileSync } from 'node:fs';
import { attackJournal, hitsOf, messageOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournal('entries that arrive byte by byte are read completely', async (world, journal) => {
  const raw = `${journal.file}.raw`;
  const MESSAGE = messageOf('203.0.113.1').replace('<trap@', '<trap-\u{1f4a3}\u00fc@');
  appendFileSync(raw, `${JSON.stringify(journal.entry('203.0.113.1', { MESSAGE }))}\n`);
  journal.program('journalctl', `case "$*" in *--follow*) dd if=${raw} bs=1 2>/dev/null; exec ${journal.honest} "$@";; esac`);
  await world.start();
  await onlyBanned(world, ['203.0.113.1'], 10_000);
  const [{ trap }] = world.rows('SELECT trap FROM hits');
  must(trap === 'trap-\u{1f4a3}\u00fc@example.com', `the trap is "${trap}"`);
  must(hitsOf(world) === '203.0.113.1', `hits: ${hitsOf(world)}`);
});
