// The ledger is truncated, and one of its texts is not UTF-8. Trapline has to copy the remaining rows one by one.
import { truncateSync, statSync } from 'node:fs';
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';
import { hit, sql } from '../lib/ledger.mjs';

await attack('the rows of a damaged ledger are copied although one text is not UTF-8', async (world) => {
  await hit(world, ['203.0.113.1'], 1);
  sql(world, "UPDATE hits SET helo = CAST(x'c3c3ff' AS TEXT); PRAGMA wal_checkpoint(TRUNCATE)");
  await world.ban(Array.from({ length: 500 }, (_, index) => `2001:db8:0:${index.toString(16)}::/64`));
  sql(world, 'PRAGMA wal_checkpoint(TRUNCATE)');
  truncateSync(world.state, statSync(world.state).size - 8192);
  await eventually('the ledger is made again', () => /written anew|is sound/.test(world.said));
  must(world.child.exitCode === null && world.child.signalCode === null, 'the daemon ended');
});
