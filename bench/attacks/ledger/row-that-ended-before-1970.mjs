// Another program writes bans that ended in 1969 and in the first instant of 1970.
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, onlyBanned } from '../lib/attack.mjs';
import { hit, insertBan, sql } from '../lib/ledger.mjs';

await attack('a ban that ended before 1970 is over and leaves the ledger', async (world) => {
  insertBan(world, '203.0.113.7', { since: '-9000', until: '-5000' });
  insertBan(world, '203.0.113.8', { since: '-9000', until: '0' });
  await hit(world, ['203.0.113.1'], 1);
  await onlyBanned(world, ['203.0.113.1']);
  await eventually('its row is gone', () => sql(world, 'SELECT count(*) FROM bans') === '1');
});
