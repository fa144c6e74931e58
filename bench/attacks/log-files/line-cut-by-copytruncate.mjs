// logrotate copies and truncates a log in which half of a line is written. The second half, a text of the client, becomes the start of the log.
import { appendFileSync, copyFileSync, truncateSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack } from '../lib/attack.mjs';
import { counted, hit, put } from '../lib/log-files.mjs';

await attack('a line that a truncation cuts in two bans only the client that caused the line', async (world) => {
  const inner = trapLine('198.51.100.7').trimEnd();
  const [start, end] = hit(1).split('c.example.org');
  put(world.log, 2);
  appendFileSync(world.log, start);
  await sleep(300);
  copyFileSync(world.log, `${world.log}.1`);
  truncateSync(world.log);
  appendFileSync(world.log, `${inner}${end}`);
  put(world.log, 3);
  await counted(world, 1, 2, 3);
});
