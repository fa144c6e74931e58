// While the daemon is stopped, the log is truncated and then filled beyond its old size, rewritten without its first lines, replaced by a copy,
// or deleted.
import { copyFileSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { otherLine } from '../../../test/support/faults/daemon.mjs';
import { attack } from '../lib/attack.mjs';
import { counted, put } from '../lib/log-files.mjs';

const filler = (from) => Array.from({ length: 20 }, (_, index) => otherLine(from + index)).join('');

await attack('no later line is lost or read twice when the log is changed while the daemon does not run', async (world) => {
  const changes = [
    () => truncateSync(world.log),
    () => writeFileSync(world.log, readFileSync(world.log, 'utf8').split('\n').slice(8).join('\n')),
    () => {
      copyFileSync(world.log, `${world.log}.new`);
      renameSync(`${world.log}.new`, world.log);
    },
    () => rmSync(world.log),
  ];
  const wanted = [];
  for (const [index, change] of changes.entries()) {
    world.write(filler(index * 1000));
    put(world.log, index + 1);
    wanted.push(index + 1);
    await counted(world, ...wanted);
    await world.stop();
    change();
    world.write(filler(index * 1000 + 500), filler(index * 1000 + 600));
    put(world.log, index + 11);
    wanted.push(index + 11);
    await world.start();
    await counted(world, ...wanted);
  }
});
