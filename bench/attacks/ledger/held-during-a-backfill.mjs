// A shell (sqlite3) locks the ledger while a backfill sends 20,000 lines to the daemon.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';
import { command, holdLock, sql } from '../lib/ledger.mjs';

await attack('a backfill into a locked ledger ends with one line, and the next one counts each hit once', async (world) => {
  const old = join(world.folder, 'old.log');
  const now = Date.now();
  writeFileSync(
    old,
    Array.from({ length: 20_000 }, (_, number) => trapLine('203.0.113.1', { at: now - 30_000 + number, number })).join(''),
  );
  const release = await holdLock(world);
  const refused = command(world, ['backfill', old]);
  await release();
  must(refused.status === 69 && /^trapline: [^\n]+\n$/.test(refused.stderr), `${refused.status}: ${refused.stderr}`);
  for (const time of [1, 2]) {
    const done = command(world, ['backfill', old]);
    must(done.status === 0, `time ${time}: ${done.stderr}`);
  }
  must(sql(world, 'SELECT count(*) FROM hits') === '20000', `${sql(world, 'SELECT count(*) FROM hits')} hits`);
});
