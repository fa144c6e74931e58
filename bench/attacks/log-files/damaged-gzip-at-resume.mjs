// The disk is full while logrotate compresses the log of a stopped daemon: the gzip file that holds the cursor ends too early.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { otherLine } from '../../../test/support/faults/daemon.mjs';
import { attack } from '../lib/attack.mjs';
import { counted, put } from '../lib/log-files.mjs';

await attack('the daemon reads the log although the gzip file with the cursor is damaged', async (world) => {
  put(world.log, 1);
  await counted(world, 1);
  await world.stop();
  world.write(...Array.from({ length: 20_000 }, (_, number) => otherLine(number)));
  const packed = gzipSync(readFileSync(world.log));
  writeFileSync(`${world.log}.1.gz`, packed.subarray(0, packed.length - 5000));
  rmSync(world.log);
  put(world.log, 2);
  await world.start();
  await counted(world, 1, 2);
  put(world.log, 3);
  await counted(world, 1, 2, 3);
});
