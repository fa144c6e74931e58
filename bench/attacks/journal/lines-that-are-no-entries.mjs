// journalctl prints garbage between its entries: notes, incomplete JSON, arrays nested 100,000 deep, a byte order mark, NULs and blank lines.
import { appendFileSync } from 'node:fs';
import { attackJournal, hitsOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournal(
  'no hit is lost because of lines that are no entries',
  async (world, journal) => {
    const raw = `${journal.file}.raw`;
    const deep = '['.repeat(100_000);
    const garbage = [
      '-- Reboot --',
      '{',
      '{"MESSAGE":',
      deep,
      `{"a":${deep}${']'.repeat(100_000)}}`,
      '\0\0\0',
      '',
      '  ',
      '{}',
      '[]',
      '"x"',
      '\u001e',
    ];
    const clients = garbage.map((_, index) => `203.0.113.${index + 1}`);
    const lines = garbage.flatMap((text, index) => [text, JSON.stringify(journal.entry(clients[index]))]);
    appendFileSync(raw, `${lines.join('\r\n')}\n`);
    journal.program('journalctl', `case "$*" in *--follow*) exec tail -n +1 -f ${raw};; esac`);
    await world.start();
    await onlyBanned(world, clients);
    must(hitsOf(world) === clients.toSorted((one, other) => one.localeCompare(other)).join(' '), `hits: ${hitsOf(world)}`);
    appendFileSync(raw, `${JSON.stringify(journal.entry('203.0.113.250'))}\n`);
  },
  { hit: () => {} },
);
