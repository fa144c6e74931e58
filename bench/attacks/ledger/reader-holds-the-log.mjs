// A shell (sqlite3) reads in one long transaction, so that no checkpoint can empty the write-ahead log meanwhile.
import { statSync } from 'node:fs';
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';
import { hit, holdLock } from '../lib/ledger.mjs';

await attack('a write-ahead log that grew because of a reader is truncated after the reader has ended', async (world) => {
  const release = await holdLock(world, 'BEGIN; SELECT count(*) FROM hits');
  for (let round = 0; round < 10; round += 1) {
    await world.ban(Array.from({ length: 5000 }, (_, index) => `2001:db8:${round}:${index.toString(16)}::/64`));
  }
  const grown = statSync(`${world.state}-wal`).size;
  must(grown > 17_000_000, `the log has only ${grown} bytes`);
  await release();
  for (const last of [1, 2, 3]) await hit(world, [`203.0.113.${last}`], last, last);
  await eventually('the log is cut', () => statSync(`${world.state}-wal`).size <= 17_000_000);
  await world.ask('DELETE', '/v1/bans', { networks: ['2001:db8::/32'] });
});
