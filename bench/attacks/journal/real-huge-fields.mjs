// Somebody sends entries of half a megabyte, with a thousand fields, and with a message above the 4096 bytes that journalctl prints.
import { attackJournald, hitsOf, messageOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournald('huge entries are skipped, and the hits between them are counted', async (world, journal) => {
  const huge = [...journal.hitOf('203.0.113.1', 1), ['HUGE', 'x'.repeat(100_000)]];
  const many = [...journal.hitOf('203.0.113.2', 2), ...Array.from({ length: 900 }, (_, index) => [`FIELD_${index}`, 'y'])];
  const long = journal.hitOf('', 3, messageOf('198.51.100.1').replace('c.example.org', 'h'.repeat(90_000)));
  const junk = [
    ['SYSLOG_IDENTIFIER', 'x'.repeat(50_000)],
    ['MESSAGE', 'z'.repeat(60_000)],
  ];
  journal.send([huge, long, many, junk, journal.hitOf('203.0.113.3', 4)]);
  await onlyBanned(world, ['203.0.113.1', '203.0.113.2', '203.0.113.3']);
  must(hitsOf(world) === '203.0.113.1 203.0.113.2 203.0.113.3', `hits: ${hitsOf(world)}`);
});
