// One file of the journal is overwritten with garbage while journalctl has it open, and a second file is truncated.
import { truncateSync, writeFileSync } from 'node:fs';
import { attackJournald, hitsOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournald('no later hit is lost because of damaged files of the journal', async (world, journal) => {
  journal.hit('203.0.113.1');
  await onlyBanned(world, ['203.0.113.1']);
  await journal.rotate();
  journal.hit('203.0.113.2');
  await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
  await journal.rotate();
  const [one, other] = journal.files.filter((path) => path.includes('@'));
  writeFileSync(one, Buffer.alloc(500_000, 0xa5));
  truncateSync(other, 1000);
  journal.hit('203.0.113.3');
  await onlyBanned(world, ['203.0.113.1', '203.0.113.2', '203.0.113.3'], 20_000);
  must(hitsOf(world) === '203.0.113.1 203.0.113.2 203.0.113.3', `hits: ${hitsOf(world)}`);
});
