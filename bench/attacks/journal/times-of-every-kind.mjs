// One entry has a sender time (_SOURCE_REALTIME_TIMESTAMP) in 1970, one entry in 2286, and one entry has no sender time.
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attackJournal, hitsOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournal('a time far ahead counts as now, and a ban that is over is not set', async (world, journal) => {
  await journal.start();
  journal.write(
    journal.entry('198.51.100.1', { _SOURCE_REALTIME_TIMESTAMP: '1000000' }),
    journal.entry('203.0.113.1', { _SOURCE_REALTIME_TIMESTAMP: '9999999999999999' }),
    journal.entry('203.0.113.2', { _SOURCE_REALTIME_TIMESTAMP: undefined }),
  );
  await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
  await eventually('the old hit is reported', () => world.said.includes('already over'));
  const bans = await world.bans();
  const { until } = bans.find(({ network }) => network.startsWith('203.0.113.1'));
  const left = new Date(until).getTime() - Date.now();
  must(left > 3_000_000 && left <= 3_600_000, `the ban of a hit of 2286 ends in ${left} ms`);
  must(hitsOf(world).replace('198.51.100.1 ', '') === '203.0.113.1 203.0.113.2', `hits: ${hitsOf(world)}`);
});
