// Somebody truncates the index of the write-ahead log, which the daemon has mapped into its memory, to zero bytes.
import { truncateSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { hit, hitsOf, recorded } from '../lib/ledger.mjs';

await attack('no ban and no hit is lost after the index was truncated, even if a signal kills the daemon', async (world) => {
  await hit(world, ['203.0.113.1'], 1);
  await world.ban(['198.51.100.1']);
  truncateSync(`${world.state}-shm`);
  world.write(trapLine('203.0.113.2', { number: 2 }));
  await sleep(500);
  // The kernel sends SIGBUS to a program that reads after the end of a mapped file. systemd starts the daemon again.
  if (world.child.exitCode !== null || world.child.signalCode !== null) await world.start();
  await recorded(world, 2);
  must(hitsOf(world).join() === '203.0.113.1,203.0.113.2', hitsOf(world).join());
  await onlyBanned(world, ['198.51.100.1', '203.0.113.1', '203.0.113.2']);
});
