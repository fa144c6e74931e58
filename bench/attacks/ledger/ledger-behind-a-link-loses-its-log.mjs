// The ledger is a symbolic link, and the write-ahead log beside its file is deleted while the daemon runs.
import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { crash, hit, hitsOf } from '../lib/ledger.mjs';

await attack('a deleted write-ahead log is noticed and made again although the ledger is a symbolic link', async (world) => {
  mkdirSync(join(world.folder, 'large'));
  const file = join(world.folder, 'large', 'ledger.db');
  await world.stop();
  renameSync(world.state, file);
  symlinkSync(file, world.state);
  await world.start();
  await hit(world, ['203.0.113.1'], 1);
  rmSync(`${file}-wal`);
  await world.ban(['198.51.100.1']);
  await hit(world, ['203.0.113.2'], 2, 2);
  await crash(world);
  must(hitsOf(world).join() === '203.0.113.1,203.0.113.2', hitsOf(world).join());
  await onlyBanned(world, ['198.51.100.1', '203.0.113.1', '203.0.113.2']);
});
