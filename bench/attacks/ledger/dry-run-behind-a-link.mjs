// The ledger is a symbolic link, the daemon was killed, and a dry run reads the ledger with its write-ahead log.
import { mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { attack, must } from '../lib/attack.mjs';
import { command, hit } from '../lib/ledger.mjs';

await attack('a dry run through a link sees the rows that are only in the write-ahead log', async (world) => {
  mkdirSync(join(world.folder, 'large'));
  const file = join(world.folder, 'large', 'ledger.db');
  await world.stop();
  renameSync(world.state, file);
  symlinkSync(file, world.state);
  await world.start();
  await hit(world, ['203.0.113.1', '203.0.113.2'], 2);
  await world.kill();
  const { status, stdout, stderr } = command(world, ['backfill', '--dry-run', '--json', world.log]);
  must(status === 0, stderr);
  const { hits, known } = JSON.parse(stdout);
  must(hits === 2 && known === 2, `${known} of ${hits} hits are on record`);
  await world.start();
});
