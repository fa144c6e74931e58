// The last line of a log has no newline when the log is rotated or deleted, or when it is truncated by a writer that writes newlines before lines.
import { appendFileSync, copyFileSync, renameSync, rmSync, truncateSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { attack } from '../lib/attack.mjs';
import { counted, hit } from '../lib/log-files.mjs';

await attack('a last line without a newline counts once', async (world) => {
  const changes = [
    () => renameSync(world.log, `${world.log}.1`),
    () => rmSync(world.log),
    () => truncateSync(world.log),
    () => {
      copyFileSync(world.log, `${world.log}.2`);
      truncateSync(world.log);
    },
  ];
  const wanted = [];
  for (const [index, change] of changes.entries()) {
    appendFileSync(world.log, hit(index + 1).trimEnd());
    await sleep(300);
    change();
    appendFileSync(world.log, `${index > 1 ? '\n' : ''}${hit(index + 11)}`);
    wanted.push(index + 1, index + 11);
    await counted(world, ...wanted);
  }
});
