// Another program adds a trigger that refuses every new hit.
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';
import { hit, hitsOf, recorded, sql } from '../lib/ledger.mjs';

await attack('while a trigger refuses rows, bans go on and no hit is lost', async (world) => {
  await hit(world, ['203.0.113.1'], 1);
  sql(world, "CREATE TRIGGER refuse BEFORE INSERT ON hits BEGIN SELECT RAISE(ABORT, 'not here'); END");
  world.write(trapLine('203.0.113.2', { number: 2 }));
  await eventually('the client is banned', () => world.holds(['203.0.113.2']));
  await eventually('the log names the reason', () =>
    /trapline\.db: [^\n]*not here[^\n]*another program changed its tables/.test(world.said),
  );
  sql(world, 'DROP TRIGGER refuse');
  await recorded(world, 2);
  must(hitsOf(world).join() === '203.0.113.1,203.0.113.2', hitsOf(world).join());
});
