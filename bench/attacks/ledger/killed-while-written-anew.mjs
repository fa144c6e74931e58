// A ledger with many rows is deleted, and the daemon is killed at ten moments while it makes the file again.
import { readdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';
import { hit, hitsOf, recorded } from '../lib/ledger.mjs';

await attack('a kill while the ledger is made again counts no hit twice and leaves no copy of the file', async (world) => {
  await hit(world, ['203.0.113.1', '203.0.113.2'], 2);
  for (let round = 0; round < 10; round += 1) {
    await world.ban(Array.from({ length: 5000 }, (_, index) => `2001:db8:${round}:${index.toString(16)}::/64`));
    rmSync(world.state);
    world.write(trapLine(`203.0.113.${10 + round}`, { number: 10 + round }));
    await sleep(4 * round);
    await world.kill();
    await world.start();
  }
  await recorded(world, 12);
  must(new Set(hitsOf(world)).size === 12, hitsOf(world).join());
  const left = readdirSync(dirname(world.state)).filter((name) => !/^trapline\.db(-wal|-shm|-lock)?$/.test(name));
  must(left.length === 0, `left behind: ${left.join()}`);
  await world.ask('DELETE', '/v1/bans', { networks: ['2001:db8::/32'] });
});
