// While the daemon reads a burst of twenty thousand lines, it gets SIGTERM, SIGKILL, SIGSTOP and SIGHUP in random order.
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, otherLine, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { client } from '../lib/clock.mjs';
import { endOf } from '../lib/signals.mjs';

await attack('each trap line of the burst is counted once', async (world) => {
  const lines = Array.from({ length: 20_000 }, (_, number) =>
    number % 20 === 0 ? trapLine(client(1 + ((number / 20) % 200)), { number: number / 20 }) : otherLine(number),
  );
  for (let part = 0; part < 10; part += 1) {
    world.write(...lines.slice(part * 2000, part * 2000 + 2000));
    world.child.kill('SIGHUP');
    await sleep(part * 7);
    if (part % 3 === 0) {
      process.kill(world.child.pid, 'SIGSTOP');
      await sleep(50);
      process.kill(world.child.pid, 'SIGCONT');
    }
    world.child.kill(part % 2 === 0 ? 'SIGTERM' : 'SIGKILL');
    await endOf(world.child);
    await world.start();
  }
  await eventually('all hits', async () => (await world.status()).hits >= 1000);
  await onlyBanned(
    world,
    Array.from({ length: 200 }, (_, index) => client(1 + index)),
  );
  must((await world.status()).hits === 1000, `${(await world.status()).hits} hits instead of 1000`);
});
