// The daemon is killed with SIGKILL five times, so that it cannot end its programs.
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned, slowness } from '../lib/attack.mjs';
import { client } from '../lib/clock.mjs';
import { neighboursOf, spaceOf } from '../lib/signals.mjs';

await attack('the programs of killed daemons do not accumulate', async (world) => {
  for (let round = 0; round < 5; round += 1) {
    world.write(trapLine(client(1 + round), { number: round }));
    await onlyBanned(
      world,
      Array.from({ length: round + 1 }, (_, index) => client(1 + index)),
    );
    await world.kill();
    await world.start();
  }
  world.write(trapLine(client(100), { number: 100 }));
  const programs = () => neighboursOf(spaceOf(world.child.pid), world.child.pid).map(({ argv }) => argv);
  await eventually('one session and one monitor', () => programs().length <= 2, 10_000 * slowness());
  must(programs().filter((argv) => argv.startsWith('nft monitor')).length === 1, `running: ${programs().join()}`);
});
