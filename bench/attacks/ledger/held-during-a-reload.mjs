// A shell (sqlite3) locks the ledger while reloads change the rules, the sources and the allow-list.
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { hit, hitsOf, holdLock, recorded } from '../lib/ledger.mjs';

await attack('no hit of the old or the new source is lost by a reload while the ledger is locked', async (world) => {
  await hit(world, ['203.0.113.1'], 1);
  const release = await holdLock(world);
  const second = join(world.folder, 'second.log');
  writeFileSync(second, '');
  world.write(trapLine('203.0.113.2', { number: 2 }));
  await eventually('the client is banned', () => world.holds(['203.0.113.2']));
  for (const path of [second, world.log, second]) {
    world.configure(`sources: [{ type: file, path: '${path}', from: start }]`);
    await world.reload();
  }
  appendFileSync(second, trapLine('203.0.113.3', { number: 3 }));
  await eventually('the client of the second log is banned', () => world.holds(['203.0.113.3']));
  await release();
  await recorded(world, 3);
  world.configure('');
  await world.reload();
  await hit(world, ['203.0.113.4'], 4, 4);
  must(hitsOf(world).join() === [1, 2, 3, 4].map((last) => `203.0.113.${last}`).join(), hitsOf(world).join());
  await onlyBanned(
    world,
    [1, 2, 3, 4].map((last) => `203.0.113.${last}`),
  );
});
