// All files of the journal are removed while the daemon runs, as by "rm -r /var/log/journal/*", and journald makes new files.
import { rmSync } from 'node:fs';
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attackJournald, hitsOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournald('the new files of a journal that was removed are read', async (world, journal) => {
  journal.hit('203.0.113.1');
  await onlyBanned(world, ['203.0.113.1']);
  for (const file of journal.files) rmSync(file);
  journal.signal('SIGUSR2');
  await eventually('journald has begun a new file', () => journal.files.length > 0);
  journal.hit('203.0.113.2', '203.0.113.3');
  await onlyBanned(world, ['203.0.113.1', '203.0.113.2', '203.0.113.3'], 20_000);
  must(hitsOf(world) === '203.0.113.1 203.0.113.2 203.0.113.3', `hits: ${hitsOf(world)}`);
});
