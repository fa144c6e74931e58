// Another program writes a network with a NUL after a valid address. Programs that stop reading at the NUL see only the address.
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { crash, hit, insertBan, sql } from '../lib/ledger.mjs';

await attack('a network with a NUL in it reaches no firewall', async (world) => {
  insertBan(world, '203.0.113.9', { network: "'203.0.113.9/32' || char(0) || 'x'" });
  await hit(world, ['203.0.113.1'], 1);
  await crash(world);
  await onlyBanned(world, ['203.0.113.1']);
  must(sql(world, 'SELECT count(*) FROM bans') === '2', 'the bad row was removed');
});
