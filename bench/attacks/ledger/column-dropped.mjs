// Another program drops a column of the bans while the daemon runs.
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, slowness } from '../lib/attack.mjs';
import { hit, recorded, sql } from '../lib/ledger.mjs';

await attack('a missing column is reported in one line, the daemon goes on, and no hit is lost', async (world) => {
  await hit(world, ['203.0.113.1'], 1);
  sql(world, 'ALTER TABLE bans DROP COLUMN forced');
  world.write(trapLine('203.0.113.2', { number: 2 }));
  await eventually(
    'the fault is logged',
    () => /trapline\.db: .*another program changed its tables/.test(world.said),
    15_000 * slowness(),
  );
  const answer = await world.bans().then(
    () => 'listed',
    ({ message }) => message,
  );
  must(!answer.includes('\n'), `the listing: ${answer}`);
  sql(world, 'ALTER TABLE bans ADD COLUMN forced INTEGER NOT NULL DEFAULT 0');
  await recorded(world, 2);
});
