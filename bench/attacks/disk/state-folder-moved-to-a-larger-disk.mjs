// An operator moves the folder of the ledger to another disk while the daemon runs, and leaves a link in its place.
import { execFileSync } from 'node:child_process';
import { renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { crash, hit, hitsOf } from '../lib/ledger.mjs';

await attack('no ban is lost when the folder of the ledger moves while the daemon runs', async (world) => {
  const [folder, large] = [join(world.folder, 'state'), join(world.folder, 'large')];
  await hit(world, ['203.0.113.1'], 1);
  execFileSync('cp', ['-a', folder, large]);
  await hit(world, ['203.0.113.2'], 2, 2);
  renameSync(folder, `${folder}.before`);
  symlinkSync(large, folder);
  await world.ban(['198.51.100.1']);
  await hit(world, ['203.0.113.3'], 3, 3);
  await crash(world);
  must(hitsOf(world).join() === '203.0.113.1,203.0.113.2,203.0.113.3', hitsOf(world).join());
  await onlyBanned(world, ['198.51.100.1', '203.0.113.1', '203.0.113.2', '203.0.113.3']);
});
