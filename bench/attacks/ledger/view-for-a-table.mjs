// While the daemon is stopped, another program replaces tables by views.
import { readFileSync } from 'node:fs';
import { attack, must } from '../lib/attack.mjs';
import { refusesStart, sql } from '../lib/ledger.mjs';

await attack(
  'a ledger with a view instead of a table is refused in one line and not changed',
  async (world) => {
    await world.stop();
    for (const table of ['cursors', 'tallies']) {
      sql(
        world,
        `ALTER TABLE ${table} RENAME TO real_${table}; CREATE VIEW ${table} AS SELECT * FROM real_${table}; PRAGMA wal_checkpoint(TRUNCATE)`,
      );
      const before = readFileSync(world.state);
      await refusesStart(world, /trapline\.db: .*another program changed its tables/).catch((thrown) => {
        throw new Error(`${table}: ${thrown.message}`);
      });
      must(readFileSync(world.state).equals(before), `${table}: the file was changed`);
      sql(world, `DROP VIEW ${table}; ALTER TABLE real_${table} RENAME TO ${table}; PRAGMA wal_checkpoint(TRUNCATE)`);
    }
  },
  { after: false },
);
