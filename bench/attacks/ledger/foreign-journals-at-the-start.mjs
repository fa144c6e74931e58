// Before the start, the write-ahead log and the journal of another database have the names that belong to the ledger.
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { hit, hitsOf, sql } from '../lib/ledger.mjs';

await attack('the journals of another database change no row of the ledger', async (world) => {
  await hit(world, ['203.0.113.1'], 1);
  await world.stop();
  sql(world, 'PRAGMA wal_checkpoint(TRUNCATE)');
  const other = `${world.folder}/other.db`;
  sql(world, `.filectrl persist_wal 1\nPRAGMA journal_mode = WAL; CREATE TABLE bans (x); INSERT INTO bans VALUES (7);`, other);
  for (const bytes of [readFileSync(other), Buffer.alloc(100_000), Buffer.from('d9d505f920a163d7ffffffff', 'hex')]) {
    for (const suffix of ['-wal', '-journal']) {
      for (const name of ['-wal', '-shm', '-journal']) rmSync(`${world.state}${name}`, { force: true });
      writeFileSync(`${world.state}${suffix}`, bytes);
      await world.start();
      must(hitsOf(world).join() === '203.0.113.1', `after ${suffix}: ${hitsOf(world).join()}`);
      await onlyBanned(world, ['203.0.113.1']);
      await world.stop();
      copyFileSync(world.state, `${world.state}.copy`);
    }
  }
  await world.start();
});
