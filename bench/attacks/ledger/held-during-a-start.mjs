// A shell (sqlite3) holds an exclusive lock on the ledger when the daemon starts: first without end, then for two seconds.
import { setTimeout as sleep } from 'node:timers/promises';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { hit, holdLock, refusesStart } from '../lib/ledger.mjs';

await attack('a start waits for a lock that ends soon, and is refused in one line if the lock stays', async (world) => {
  await hit(world, ['203.0.113.1'], 1);
  await world.stop();
  let release = await holdLock(world, 'PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; DELETE FROM tallies WHERE 0');
  await refusesStart(world, /trapline\.db: .*locked.*, end the program that holds it/);
  await release();
  release = await holdLock(world, 'PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; DELETE FROM tallies WHERE 0');
  const started = world.start();
  await sleep(2000);
  await release();
  await started;
  must((await world.status()).hits === 1, 'the hit is lost');
  await onlyBanned(world, ['203.0.113.1']);
});
