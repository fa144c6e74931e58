// The daemon gets a hundred of each signal that must not end it.
import { setTimeout as sleep } from 'node:timers/promises';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';

await attack('SIGPIPE, SIGCHLD, SIGXFSZ, SIGWINCH, SIGURG, SIGCONT and SIGUSR1 change nothing', async (world) => {
  const said = world.said.length;
  for (const signal of ['SIGPIPE', 'SIGCHLD', 'SIGXFSZ', 'SIGWINCH', 'SIGURG', 'SIGCONT', 'SIGUSR1']) {
    for (let time = 0; time < 100; time += 1) world.child.kill(signal);
    await sleep(20);
  }
  must(world.said.length === said, `the daemon logged ${world.said.slice(said)}`);
  world.write(trapLine('203.0.113.1'));
  await onlyBanned(world, ['203.0.113.1']);
});
