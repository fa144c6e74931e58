// While the daemon is stopped with SIGSTOP, clients mail the trap and SIGTERM is sent; then the daemon continues.
import { setTimeout as sleep } from 'node:timers/promises';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { client } from '../lib/clock.mjs';
import { endOf } from '../lib/signals.mjs';

await attack('a daemon that finds SIGTERM when it continues stops properly, and no line is lost', async (world) => {
  process.kill(world.child.pid, 'SIGSTOP');
  world.write(...Array.from({ length: 100 }, (_, number) => trapLine(client(1 + number), { number })));
  world.child.kill('SIGHUP');
  world.child.kill('SIGTERM');
  await sleep(1500);
  process.kill(world.child.pid, 'SIGCONT');
  const { code, signal } = await endOf(world.child);
  must(code === 0, `the daemon ended with ${code ?? signal}`);
  await world.start();
  await onlyBanned(
    world,
    Array.from({ length: 100 }, (_, index) => client(1 + index)),
  );
  must((await world.status()).hits === 100, 'the number of hits is not 100');
});
