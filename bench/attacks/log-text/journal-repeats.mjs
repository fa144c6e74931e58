// After a hit, a client causes an entry with the text "last message repeated N times" of syslogd.
import { must, onlyBanned } from '../lib/attack.mjs';
import { attackJournal, enter, hitEntry } from '../lib/log-text-journal.mjs';

await attackJournal('this text in the journal counts no repeats', async (world) => {
  enter(world, hitEntry('203.0.113.1'), hitEntry('', { MESSAGE: 'last message repeated 900 times' }));
  enter(world, hitEntry('203.0.113.2'), hitEntry('', { MESSAGE: [10, ...Buffer.from('last message repeated 900 times')] }));
  await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
  const { hits } = await world.status();
  must(hits === 2, `${hits} hits were counted`);
});
