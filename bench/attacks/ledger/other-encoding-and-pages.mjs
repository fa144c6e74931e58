// An operator rebuilds the ledger in UTF-16, with pages of 64 KiB, without a write-ahead log.
import { renameSync, rmSync } from 'node:fs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { hit, hitsOf, sql } from '../lib/ledger.mjs';

await attack('a ledger with another encoding and page size is read and written', async (world) => {
  await hit(world, ['203.0.113.1'], 1);
  await world.stop();
  const [version, dump] = [sql(world, 'PRAGMA user_version'), sql(world, '.dump')];
  renameSync(world.state, `${world.state}.before`);
  for (const suffix of ['-wal', '-shm']) rmSync(`${world.state}${suffix}`, { force: true });
  sql(
    world,
    `PRAGMA encoding = 'UTF-16le'; PRAGMA page_size = 65536; PRAGMA application_id = 1414676816; PRAGMA user_version = ${version}; ${dump}`,
  );
  await world.start();
  await hit(world, ['203.0.113.2'], 2, 5);
  must(hitsOf(world).join() === '203.0.113.1,203.0.113.2', hitsOf(world).join());
  await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
});
