// The path of the log is a pipe when the daemon starts.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, must, slowness } from '../lib/attack.mjs';
import { counted, put } from '../lib/log-files.mjs';

await attack(
  'a start with a pipe as the log is refused in one line, or waits for a log; it never hangs',
  async (world) => {
    rmSync(world.log);
    execFileSync('mkfifo', [world.log]);
    world.spawn();
    await eventually('the daemon reports the pipe', () => world.said.includes('is not a regular file'), 10_000 * slowness());
    must(world.said.match(/is not a regular file/g).length === 1, 'the pipe was reported more than once');
    await world.kill();
    rmSync(world.log);
    await world.start();
    put(world.log, 1);
    await counted(world, 1);
  },
  { started: false },
);
