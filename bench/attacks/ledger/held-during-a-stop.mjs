// A shell (sqlite3) locks the ledger while hits wait to be written and the daemon is stopped.
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, slowness } from '../lib/attack.mjs';
import { hit, hitsOf, holdLock, recorded } from '../lib/ledger.mjs';

await attack('a stop with a locked ledger is in time, and the next start reads the hits again', async (world) => {
  await hit(world, ['203.0.113.1'], 1);
  const release = await holdLock(world);
  world.write(...[2, 3, 4].map((last) => trapLine(`203.0.113.${last}`, { number: last })));
  await eventually('the clients are banned', () => world.holds(['203.0.113.2', '203.0.113.3', '203.0.113.4']));
  const { code, took } = await world.stop();
  must(code === 0 && took < 2500 * slowness(), `it ended with ${code} after ${took} ms`);
  await release();
  await world.start();
  await recorded(world, 4);
  must(hitsOf(world).join() === [1, 2, 3, 4].map((last) => `203.0.113.${last}`).join(), hitsOf(world).join());
});
