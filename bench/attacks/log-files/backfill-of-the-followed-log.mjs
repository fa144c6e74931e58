// The operator backfills the log that the daemon follows, with its rotated and compressed files, twice, while hits arrive.
import { renameSync, writeFileSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { attack, must } from '../lib/attack.mjs';
import { backfill, counted, put } from '../lib/log-files.mjs';

await attack('a backfill of lines that were followed adds no hit', async (world) => {
  put(world.log, 1, 2, 2);
  await counted(world, 1, 2, 2);
  renameSync(world.log, `${world.log}.1`);
  put(world.log, 3, 4);
  await counted(world, 1, 2, 2, 3, 4);
  writeFileSync(`${world.log}.2.gz`, gzipSync(readFileSync(`${world.log}.1`)));
  for (const round of [1, 2]) {
    put(world.log, 10 + round);
    await counted(world, 1, 2, 2, 3, 4, ...[11, 12].slice(0, round));
    const { status, stderr } = backfill(world, world.log, `${world.log}.1`, `${world.log}.2.gz`);
    must(status === 0, `the backfill ended with ${status}: ${stderr}`);
  }
  await counted(world, 1, 2, 2, 3, 4, 11, 12);
});
