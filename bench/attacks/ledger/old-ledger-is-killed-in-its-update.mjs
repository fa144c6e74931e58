// The ledger of release 0.1.0 is migrated to the present schema, and the daemon is killed at ten moments of the migration.
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { attack, must } from '../lib/attack.mjs';
import { sql } from '../lib/ledger.mjs';

const OLD = join(import.meta.dirname, '../../../test/fixtures/releases/0.1.0/trapline.db');

await attack(
  'no row is lost when the migration of an old ledger is interrupted',
  async (world) => {
    copyFileSync(OLD, world.state);
    const rows = sql(
      world,
      'SELECT (SELECT count(*) FROM hits) || (SELECT count(*) FROM offences) || (SELECT count(*) FROM cursors)',
    );
    for (let round = 0; round < 10; round += 1) {
      world.spawn();
      await sleep(60 + 40 * round);
      await world.kill();
      must(sql(world, 'PRAGMA integrity_check') === 'ok', 'the file is damaged');
    }
    await world.start();
    const after = sql(
      world,
      'SELECT (SELECT count(*) FROM hits) || (SELECT count(*) FROM offences) || (SELECT count(*) FROM cursors)',
    );
    must(after === rows || after === rows.replace(/.$/, (count) => Number(count) + 1), `rows: ${rows}, then ${after}`);
    must((await world.status()).hits === Number(sql(world, 'SELECT count(*) FROM hits')), 'the count is wrong');
  },
  { started: false },
);
