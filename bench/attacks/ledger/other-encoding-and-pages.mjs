// An operator rebuilds the ledger with pages of 64 KiB, without a write-ahead log, first in UTF-16 and then in UTF-8. The daemon reads texts as bytes of
// UTF-8, so it refuses a ledger in UTF-16.
import { readFileSync, renameSync, rmSync } from 'node:fs';
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { hit, hitsOf, sql } from '../lib/ledger.mjs';

await attack(
  'a ledger of another encoding is refused in one line and left alone, and one of another page size works like any other',
  async (world) => {
    await hit(world, ['203.0.113.1'], 1);
    await world.stop();
    const [version, dump] = [sql(world, 'PRAGMA user_version'), sql(world, '.dump')];
    const rebuild = (encoding) => {
      renameSync(world.state, `${world.state}.before`);
      for (const suffix of ['-wal', '-shm']) rmSync(`${world.state}${suffix}`, { force: true });
      const head = `PRAGMA encoding = '${encoding}'; PRAGMA page_size = 65536; PRAGMA application_id = 1414676816;`;
      sql(world, `${head} PRAGMA user_version = ${version}; ${dump}`);
    };
    rebuild('UTF-16le');
    const before = readFileSync(world.state);
    const child = world.spawn();
    await eventually('the daemon ends', () => child.exitCode !== null || child.signalCode !== null);
    must(
      child.exitCode === 72 && /holds its texts as UTF-16le instead of UTF-8/.test(world.said),
      `${child.exitCode}: ${world.said}`,
    );
    must(readFileSync(world.state).equals(before), 'the refused ledger was changed');
    rebuild('UTF-8');
    await world.start();
    await hit(world, ['203.0.113.2'], 2, 5);
    must(hitsOf(world).join() === '203.0.113.1,203.0.113.2', hitsOf(world).join());
    await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
  },
);
