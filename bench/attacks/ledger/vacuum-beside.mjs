// An operator runs VACUUM, REINDEX and ANALYZE on the ledger while hits arrive.
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { crash, hit, hitsOf, meanwhile, sql } from '../lib/ledger.mjs';

await attack('no hit is lost by a VACUUM while the daemon runs', async (world) => {
  await world.ban(Array.from({ length: 3000 }, (_, index) => `2001:db8:0:${index.toString(16)}::/64`));
  await world.ask('DELETE', '/v1/bans', { networks: ['2001:db8::/32'] });
  const clients = Array.from({ length: 20 }, (_, index) => `203.0.113.${index + 1}`);
  await meanwhile(
    () => sql(world, 'PRAGMA auto_vacuum = NONE; VACUUM; REINDEX; ANALYZE; PRAGMA optimize'),
    async () => {
      for (const [index, client] of clients.entries()) await hit(world, [client], index + 1, index);
    },
  );
  must(hitsOf(world).join() === clients.join(), hitsOf(world).join());
  await crash(world);
  await onlyBanned(world, clients);
});
