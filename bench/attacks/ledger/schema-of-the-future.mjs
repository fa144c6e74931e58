// While the daemon is stopped, another program writes versions and steps of a schema that do not exist yet.
import { attack } from '../lib/attack.mjs';
import { refusesStart, sql } from '../lib/ledger.mjs';

await attack(
  'a ledger of a newer Trapline is refused in one line, however its version is recorded',
  async (world) => {
    await world.stop();
    const version = sql(world, 'PRAGMA user_version');
    for (const future of ['2147483647', '99']) {
      sql(world, `PRAGMA user_version = ${future}`);
      await refusesStart(world, /written by a newer Trapline .*upgrade; nothing was changed/);
    }
    sql(
      world,
      `PRAGMA user_version = ${version}; INSERT INTO schema_steps VALUES ('x' || char(27) || '[31m' || char(10) || 'y', 1, 1)`,
    );
    await refusesStart(world, /does not know the schema .*upgrade; nothing was changed/);
    sql(world, "DELETE FROM schema_steps WHERE room LIKE 'x%'; INSERT INTO schema_steps VALUES (CAST(x'ff' AS TEXT), 1, 1)");
    await refusesStart(world, /does not know the schema .*upgrade; nothing was changed/);
  },
  { after: false },
);
