// Another program of the daemon's user holds all inotify instances, and later releases them.
import { spawn } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { AS_USER, hitsOf, lend } from '../lib/limits.mjs';

const HOLD = `
import ctypes, sys, time
libc = ctypes.CDLL(None)
held = 0
while libc.inotify_init() >= 0: held += 1
print(held, flush=True)
time.sleep(60)
`;

await attack(
  'without an inotify instance the log is polled, also during a rotation, and the polling is reported',
  async (world) => {
    lend(world);
    const holder = spawn('sh', ['-c', `exec ${AS_USER.join(' ')} /usr/bin/python3 -c "$1"`, 'sh', HOLD], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      let held = '';
      holder.stdout.on('data', (text) => (held += text));
      await eventually('all instances are held', () => held.includes('\n'));
      must(Number(held) > 0, 'the other program holds no inotify instance');
      await world.start();
      world.write(trapLine('203.0.113.1'));
      await onlyBanned(world, ['203.0.113.1'], 10_000);
      renameSync(world.log, `${world.log}.1`);
      writeFileSync(world.log, trapLine('203.0.113.2', { number: 2 }));
      await onlyBanned(world, ['203.0.113.1', '203.0.113.2'], 10_000);
      must(/inotify|polled/.test(world.said), `its output: ${world.said}`);
      must(hitsOf(world) === '203.0.113.1 203.0.113.2', `hits: ${hitsOf(world)}`);
    } finally {
      holder.kill('SIGKILL');
    }
  },
  { started: false },
);
