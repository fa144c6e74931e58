// A dry run has to copy the ledger to the folder for temporary files, which is full, missing, read-only, or a file.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { attack, must } from '../lib/attack.mjs';
import { withDisk } from '../lib/disk.mjs';
import { command, hit } from '../lib/ledger.mjs';

await attack('a dry run that cannot copy the ledger ends with one line and leaves no file behind', async (world) => {
  const folder = join(world.folder, 'tmp');
  mkdirSync(folder);
  await hit(world, ['203.0.113.1'], 1);
  const before = world.before;
  await withDisk(
    world,
    'size=16k',
    async (disk) => {
      const run = (place) => {
        const { status, stdout, stderr } = command(world, ['backfill', '--dry-run', world.log], {
          before: [...disk.inside, 'env', `TMPDIR=${place}`],
        });
        must(status === 69 || status === 77, `${place}: it ended with ${status}: ${stdout}`);
        must(/^trapline: [^\n]+\n$/.test(stderr), `${place}: ${stderr}`);
      };
      disk.fill();
      run(folder);
      must(disk.run('ls', '-A', folder) === 'filler', `left behind: ${disk.run('ls', '-A', folder)}`);
      disk.free();
      run(`${folder}/missing`);
      run(world.log);
      disk.run('mount', '-o', 'remount,ro', folder);
      run(folder);
    },
    folder,
  );
  world.before = before;
});
