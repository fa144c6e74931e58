// The daemon reaches its limit of CPU time (RLIMIT_CPU) in the middle of a burst, and is started again, as systemd would do.
import { once } from 'node:events';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { hitsOf } from '../lib/limits.mjs';

await attack(
  'no hit is lost or counted twice when the kernel has killed the daemon for its CPU time',
  async (world) => {
    world.before = ['prlimit', '--cpu=1:600', '--'];
    const clients = Array.from({ length: 200 }, (_, index) => `203.0.113.${index + 1}`);
    for (let at = 0; at < 40; at += 1)
      world.write(
        ...clients.slice(at * 5, at * 5 + 5).map((client, index) => trapLine(client, { number: at * 5 + index })),
        'x'.repeat(2_000_000),
        '\n',
      );
    world.spawn();
    await Promise.race([once(world.child, 'exit'), new Promise((resolve) => setTimeout(resolve, 8000).unref())]);
    await world.kill();
    world.before = [];
    await world.start();
    await onlyBanned(world, clients, 20_000);
    must(hitsOf(world) === clients.toSorted((one, other) => one.localeCompare(other)).join(' '), 'hits are lost or counted twice');
  },
  { started: false },
);
