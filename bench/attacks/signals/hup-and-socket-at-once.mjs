// Forty reloads are requested by SIGHUP and forty through the socket, all at once, while the log is rotated and written.
import { renameSync } from 'node:fs';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { client } from '../lib/clock.mjs';

await attack('no line is lost or counted twice when reloads and rotations happen at once', async (world) => {
  const reloads = [];
  for (let round = 0; round < 40; round += 1) {
    world.child.kill('SIGHUP');
    reloads.push(world.reload());
    world.write(trapLine(client(1 + round), { number: round }));
    if (round % 10 === 5) {
      renameSync(world.log, `${world.log}.1`);
      world.write('');
      await reloads.at(-1);
    }
  }
  await Promise.all(reloads);
  await onlyBanned(
    world,
    Array.from({ length: 40 }, (_, index) => client(1 + index)),
  );
  const { hits } = await world.status();
  must(hits === 40, `${hits} hits instead of 40`);
});
