// A shell (sqlite3) holds the ledger in a transaction while hits, bans by hand and unbans arrive.
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { hit, hitsOf, holdLock, recorded } from '../lib/ledger.mjs';

await attack('while the ledger is locked, hits still lead to bans, and a ban by hand is refused in one line', async (world) => {
  await hit(world, ['203.0.113.1'], 1);
  const release = await holdLock(world);
  world.write(trapLine('203.0.113.2', { number: 2 }), trapLine('203.0.113.2', { number: 3 }));
  await eventually('the client is banned', () => world.holds(['203.0.113.2']));
  const orders = [world.ban(['203.0.113.3']), world.unban(['203.0.113.1'])];
  for (const { status, reason } of await Promise.allSettled(orders)) {
    must(status === 'rejected' && /^503: [^\n]+end the program that holds it[^\n]*$/.test(reason.message), `an order: ${reason}`);
  }
  await release();
  await recorded(world, 3);
  must(hitsOf(world).join() === '203.0.113.1,203.0.113.2,203.0.113.2', hitsOf(world).join());
  await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
});
