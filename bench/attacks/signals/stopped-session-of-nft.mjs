// Somebody stops the session of nft (nft -i) with SIGSTOP; then a client mails a trap.
import { setTimeout as sleep } from 'node:timers/promises';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { programsOf } from '../lib/signals.mjs';

await attack('a stopped session is replaced, and the client is banned', async (world) => {
  await world.ban(['203.0.113.1']);
  const stopped = programsOf(world.child.pid).filter(({ argv }) => argv === 'nft -i');
  must(stopped.length === 1, 'the number of nft sessions is not one');
  process.kill(stopped[0].pid, 'SIGSTOP');
  world.write(trapLine('203.0.113.2'));
  await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
  await sleep(200);
  must(!programsOf(world.child.pid).some(({ pid }) => pid === stopped[0].pid), 'the stopped nft still runs');
});
