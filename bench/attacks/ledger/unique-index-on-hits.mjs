// Another program makes the addresses of hits unique, so that the second hit of a client cannot be written.
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { hit, recorded, sql } from '../lib/ledger.mjs';

await attack('with a unique index of another program, the daemon goes on and no hit is lost', async (world) => {
  await hit(world, ['203.0.113.1'], 1);
  sql(world, 'CREATE UNIQUE INDEX once ON hits (address)');
  world.write(trapLine('203.0.113.1', { number: 2 }), trapLine('203.0.113.2', { number: 3 }));
  await eventually('the client is banned', () => world.holds(['203.0.113.2']));
  must((await world.status()).unwritten === 2, 'the hits do not wait');
  sql(world, 'DROP INDEX once');
  await recorded(world, 3);
  await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
});
