// Somebody deletes the index of the write-ahead log, and another program then opens the ledger with a new index.
import { rmSync } from 'node:fs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { crash, hit, hitsOf, sql } from '../lib/ledger.mjs';

await attack('two indexes of one write-ahead log cause no loss of a ban and no damage to the ledger', async (world) => {
  await hit(world, ['203.0.113.1'], 1);
  rmSync(`${world.state}-shm`);
  must(sql(world, 'SELECT count(*) FROM bans') === '1', 'the other program does not see the ban');
  await world.ban(['198.51.100.1']);
  await hit(world, ['203.0.113.2'], 2, 2);
  await crash(world);
  must(sql(world, 'PRAGMA integrity_check') === 'ok', 'the ledger is damaged');
  must(hitsOf(world).join() === '203.0.113.1,203.0.113.2', hitsOf(world).join());
  await onlyBanned(world, ['198.51.100.1', '203.0.113.1', '203.0.113.2']);
});
