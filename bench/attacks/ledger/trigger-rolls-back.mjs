// Another program adds a trigger that rolls back the whole transaction at a new ban, after the hits were written.
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { hit, recorded, sql } from '../lib/ledger.mjs';

await attack('while a trigger rolls back, bans go on, and a ban by hand is refused in one line', async (world) => {
  await hit(world, ['203.0.113.1'], 1);
  sql(world, "CREATE TRIGGER back AFTER INSERT ON offences BEGIN SELECT RAISE(ROLLBACK, 'no'); END");
  world.write(trapLine('203.0.113.2', { number: 2 }));
  await eventually('the client is banned', () => world.holds(['203.0.113.2']));
  const refusal = await world.ban(['203.0.113.3']).then(
    () => '',
    ({ message }) => message,
  );
  must(/^503: \S+trapline\.db: cannot be read or written: [^\n]+$/.test(refusal), `the ban by hand: ${refusal}`);
  sql(world, 'DROP TRIGGER back');
  await recorded(world, 2);
  await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
});
