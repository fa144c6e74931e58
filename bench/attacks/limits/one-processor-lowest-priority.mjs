// The daemon has one processor and the lowest priority, beside two programs that use all processors.
import { spawn } from 'node:child_process';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { hitsOf } from '../lib/limits.mjs';

await attack(
  'a daemon of the lowest priority on a busy processor bans all clients of a burst',
  async (world) => {
    const busy = [1, 2].map(() => spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' }));
    try {
      await world.start(40_000);
      const clients = Array.from({ length: 100 }, (_, index) => `203.0.113.${index + 1}`);
      world.write(...clients.map((client, number) => trapLine(client, { number })));
      await onlyBanned(world, clients, 20_000);
      must(hitsOf(world).split(' ').length === 100, `hits: ${hitsOf(world)}`);
    } finally {
      for (const program of busy) program.kill('SIGKILL');
    }
  },
  { started: false, before: ['taskset', '-c', '0', 'nice', '-n', '19'] },
);
