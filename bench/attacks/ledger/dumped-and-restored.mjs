// An operator dumps the ledger to SQL and makes a new file from the dump. The new file lacks the application_id and the user_version.
import { renameSync, rmSync } from 'node:fs';
import { attack, must } from '../lib/attack.mjs';
import { hit, hitsOf, refusesStart, sql } from '../lib/ledger.mjs';

await attack('a ledger from a dump is refused in one line until both numbers are set, and is then complete', async (world) => {
  await hit(world, ['203.0.113.1', '203.0.113.2'], 2);
  await world.stop();
  const version = sql(world, 'PRAGMA user_version');
  const dump = sql(world, '.dump');
  renameSync(world.state, `${world.state}.before`);
  for (const suffix of ['-wal', '-shm']) rmSync(`${world.state}${suffix}`, { force: true });
  sql(world, dump);
  await refusesStart(world, /a database of another program, name another file for the ledger; nothing was changed/);
  sql(world, `PRAGMA application_id = 1414676816; PRAGMA user_version = ${version}`);
  await world.start();
  must(hitsOf(world).join() === '203.0.113.1,203.0.113.2', hitsOf(world).join());
  must((await world.bans()).length === 2, 'a ban is missing');
});
