// The daemon is stopped by SIGSTOP while twelve files are created at the path of the log and deleted, one after the other.
import { rmSync } from 'node:fs';
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, must, slowness } from '../lib/attack.mjs';
import { counted, put } from '../lib/log-files.mjs';

await attack('files that were created and deleted meanwhile are counted and reported', async (world) => {
  put(world.log, 1);
  await counted(world, 1);
  world.child.kill('SIGSTOP');
  for (let number = 0; number < 12; number += 1) {
    rmSync(world.log);
    put(world.log, 100 + number);
  }
  world.child.kill('SIGCONT');
  await counted(world, 1, 111);
  const { lost } = await eventually(
    'the loss is counted',
    async () => (await world.status()).sources.find((source) => source.lost),
    10_000 * slowness(),
  );
  must(lost.files === 11 && lost.bytes === 0, `lost: ${JSON.stringify(lost)}`);
  must(
    /mail\.log: 11 files came and went before they could be opened, the lines in them are lost/.test(world.said),
    'the loss was not logged',
  );
});
