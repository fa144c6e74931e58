// Another program adds an index that reads each HELO as JSON, which fails for every name.
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack } from '../lib/attack.mjs';
import { recorded, sql } from '../lib/ledger.mjs';

await attack('when an index cannot compute its key, the daemon goes on and no hit is lost', async (world) => {
  sql(world, "CREATE INDEX wise ON hits (json_extract(helo, '$.a'))");
  world.write(trapLine('203.0.113.2', { number: 2 }));
  await eventually('the client is banned', () => world.holds(['203.0.113.2']));
  sql(world, 'DROP INDEX wise');
  await recorded(world, 1);
});
