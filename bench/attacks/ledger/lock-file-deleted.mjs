// An operator deletes the file of the lock, and somebody starts a second daemon.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { attack, must } from '../lib/attack.mjs';
import { hit } from '../lib/ledger.mjs';

await attack('a deleted lock lets no second daemon write to the ledger', async (world) => {
  await hit(world, ['203.0.113.1'], 1);
  rmSync(`${world.state}-lock`);
  await sleep(6000); // The daemon looks at its files every five seconds.
  const places = ['--config', world.config, '--state', world.state, '--socket', join(world.folder, 'second.sock')];
  const [program, ...args] = world.inside(...world.program, 'run', ...places);
  const second = spawn(program, args, { stdio: 'ignore' });
  const ended = once(second, 'exit');
  const code = await Promise.race([ended.then(([first]) => first), sleep(15_000, 'no end')]);
  second.kill('SIGKILL');
  await ended;
  must(code === 69, `the second daemon ended with ${code}`);
});
