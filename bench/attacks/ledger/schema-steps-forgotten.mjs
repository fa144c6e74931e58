// While the daemon is stopped, another program removes the record of the steps, or sets the version back.
import { attack, must } from '../lib/attack.mjs';
import { hit, hitsOf, refusesStart, sql } from '../lib/ledger.mjs';

await attack('no row is lost when the ledger lacks the record of its schema', async (world) => {
  await hit(world, ['203.0.113.1'], 1);
  await world.stop();
  const steps = sql(world, "SELECT group_concat(quote(room) || ',' || step || ',' || filled, '),(') FROM schema_steps");
  const version = sql(world, 'PRAGMA user_version');
  sql(world, 'DELETE FROM schema_steps; PRAGMA user_version = 1');
  await refusesStart(world, /another program changed its tables/);
  sql(world, `INSERT INTO schema_steps VALUES (${steps}); PRAGMA user_version = -7`);
  await world.start().catch(() => {});
  sql(world, `PRAGMA user_version = ${version}`);
  if (world.child.exitCode !== null) await world.start();
  must(hitsOf(world).join() === '203.0.113.1', 'the hit is lost');
});
