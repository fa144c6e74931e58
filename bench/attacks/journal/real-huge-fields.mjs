// Somebody sends an entry with an unknown field of 100 kB, an entry with 900 unknown fields, and entries with a message or a name of more than
// 4096 bytes. journalctl prints `null` in place of a longer field.
import { attackJournald, hitsOf, messageOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournald('huge messages are skipped, and huge or many fields hide no hit', async (world, journal) => {
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
