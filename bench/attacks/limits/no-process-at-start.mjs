// The daemon starts as a user who may start no further process, so that it cannot run nft.
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { hitsOf, lend, setLimit } from '../lib/limits.mjs';

await attack(
  'a start without a free process is refused in one line, or the daemon sets the bans later',
  async (world) => {
    lend(world);
    const before = [...world.before];
    const clients = [];
    // Node itself needs about ten threads. Without them it ends before the program begins.
    for (const most of [11, 12, 13, 14, 15, 16]) {
      world.said = '';
      world.before = [...before, 'prlimit', `--nproc=${most}:2000`, '--'];
      const works = await world.start(8000).then(
        () => true,
        () => false,
      );
      if (!works)
        must(
          world.child.exitCode !== 0 && (world.child.exitCode ?? world.child.signalCode) !== null,
          `with ${most} processes: ${world.said}`,
        );
      else {
        clients.push(`203.0.113.${most}`);
        world.write(trapLine(clients.at(-1), { number: most }));
        await eventually('the hit is recorded', () => hitsOf(world).endsWith(clients.at(-1)));
        setLimit(world, 'nproc', 1000);
        await onlyBanned(world, clients, 30_000);
      }
      await world.kill();
      must(!/ {4}at |unhandled/i.test(world.said), `with ${most} processes: ${world.said}`);
    }
    world.before = before;
    await world.start();
  },
  { started: false },
);
