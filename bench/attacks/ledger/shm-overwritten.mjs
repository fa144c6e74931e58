// Somebody writes random bytes over the index of the write-ahead log, which the daemon has mapped into its memory.
import { randomBytes } from 'node:crypto';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { crash, hit, hitsOf, overwrite, sql } from '../lib/ledger.mjs';

await attack('no ban is lost when the index of the write-ahead log is overwritten', async (world) => {
  for (let round = 1; round <= 5; round += 1) {
    await hit(world, [`203.0.113.${round}`], round, round);
    overwrite(`${world.state}-shm`, 0, randomBytes(136));
  }
  await crash(world);
  must(sql(world, 'PRAGMA integrity_check') === 'ok', 'the ledger is damaged');
  const clients = [1, 2, 3, 4, 5].map((last) => `203.0.113.${last}`);
  must(hitsOf(world).join() === clients.join(), hitsOf(world).join());
  await onlyBanned(world, clients);
});
