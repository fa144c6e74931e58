// Entries have times in 1970 or in the far future, texts that are no times, times of other types, or no time.
import { must, onlyBanned } from '../lib/attack.mjs';
import { attackJournal, enter, hitEntry } from '../lib/log-text-journal.mjs';

await attackJournal('whatever the time of an entry, the daemon goes on and bans have the usual length', async (world) => {
  const times = ['9999999999999999', '0000000', '-5', '1e9', 'now', '', '99999999999999999999', null, 5, ['1'], undefined];
  enter(world, ...times.map((time, index) => hitEntry(`203.0.113.${index + 1}`, { __REALTIME_TIMESTAMP: time })));
  enter(world, ...times.map((time, index) => hitEntry(`203.0.113.${index + 101}`, { _SOURCE_REALTIME_TIMESTAMP: time })));
  // A time that is no text counts as absent. An entry without any time becomes no line.
  await onlyBanned(world, ['203.0.113.1', '203.0.113.101', '203.0.113.108', '203.0.113.109', '203.0.113.110', '203.0.113.111']);
  for (const [address, left] of world.firewall()) must(left <= 3600, `${address} is banned for ${left} s`);
});
