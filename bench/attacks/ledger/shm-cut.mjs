// Somebody cuts the index of the write-ahead log to nothing, which the daemon has in its memory.
import { truncateSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { hit, hitsOf, recorded } from '../lib/ledger.mjs';

await attack('after its index was cut, the ledger loses no ban and no hit, even if the system ends the daemon', async (world) => {
  await hit(world, ['203.0.113.1'], 1);
  await world.ban(['198.51.100.1']);
  truncateSync(`${world.state}-shm`);
  world.write(trapLine('203.0.113.2', { number: 2 }));
  await sleep(500);
  // The kernel sends SIGBUS to a program that reads behind the end of a mapped file. systemd starts the daemon again.
  if (world.child.exitCode !== null || world.child.signalCode !== null) await world.start();
  await recorded(world, 2);
  must(hitsOf(world).join() === '203.0.113.1,203.0.113.2', hitsOf(world).join());
  await onlyBanned(world, ['198.51.100.1', '203.0.113.1', '203.0.113.2']);
});
