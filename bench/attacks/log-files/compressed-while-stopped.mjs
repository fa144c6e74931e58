// The daemon is stopped by SIGSTOP while logrotate renames the log and compresses the renamed file at once.
import { execFileSync } from 'node:child_process';
import { renameSync } from 'node:fs';
import { attack } from '../lib/attack.mjs';
import { counted, put } from '../lib/log-files.mjs';

await attack('unread lines are read from the compressed file', async (world) => {
  put(world.log, 1);
  await counted(world, 1);
  world.child.kill('SIGSTOP');
  put(world.log, 2);
  renameSync(world.log, `${world.log}.1`);
  execFileSync('gzip', [`${world.log}.1`]);
  put(world.log, 3);
  world.child.kill('SIGCONT');
  await counted(world, 1, 2, 3);
});
