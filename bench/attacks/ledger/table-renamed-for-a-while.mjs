// Another program renames the table of hits while lines arrive, and later restores its name.
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned, slowness } from '../lib/attack.mjs';
import { hit, hitsOf, recorded, sql } from '../lib/ledger.mjs';

await attack('while a table is missing no hit is lost, and the fault is reported in one line', async (world) => {
  await hit(world, ['203.0.113.1'], 1);
  sql(world, 'ALTER TABLE hits RENAME TO elsewhere');
  world.write(trapLine('203.0.113.2', { number: 2 }));
  await eventually('the fault is logged', () => /another program changed its tables/.test(world.said), 20_000 * slowness());
  must(!/\n\s+at /.test(world.said), 'the log has a stack');
  sql(world, 'ALTER TABLE elsewhere RENAME TO hits');
  await recorded(world, 2);
  must(hitsOf(world).join() === '203.0.113.1,203.0.113.2', hitsOf(world).join());
  await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
});
