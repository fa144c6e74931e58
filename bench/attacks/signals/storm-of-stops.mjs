// The daemon gets a thousand SIGTERM and SIGINT at once while hits arrive.
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { client } from '../lib/clock.mjs';
import { endOf } from '../lib/signals.mjs';

await attack('a thousand signals to stop lead to one stop, and the next start resumes where reading stopped', async (world) => {
  world.write(...Array.from({ length: 100 }, (_, number) => trapLine(client(1 + number), { number })));
  for (let number = 0; number < 1000; number += 1) world.child.kill(number % 2 === 0 ? 'SIGTERM' : 'SIGINT');
  const { code, signal } = await endOf(world.child);
  must(code === 0, `the daemon ended with ${code ?? signal}`);
  await world.start();
  await onlyBanned(
    world,
    Array.from({ length: 100 }, (_, index) => client(1 + index)),
  );
  must((await world.status()).hits === 100, 'the number of hits is not 100');
});
