// A log is renamed when half of a line is written. The second half, a text of the client, is written when the new log already has lines.
import { appendFileSync, renameSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack } from '../lib/attack.mjs';
import { counted, hit, put } from '../lib/log-files.mjs';

await attack('a line that a rotation cuts in two bans only the client that caused the line', async (world) => {
  const inner = trapLine('198.51.100.7').trimEnd();
  const [start, end] = hit(1).split('c.example.org');
  appendFileSync(world.log, start);
  await sleep(300);
  renameSync(world.log, `${world.log}.1`);
  put(world.log, 2);
  await sleep(1500);
  appendFileSync(`${world.log}.1`, `${inner}${end}`);
  await sleep(300);
  put(world.log, 3);
  await counted(world, 1, 2, 3);
});
