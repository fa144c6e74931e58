// One of six thousand bans has a network in an unusual spelling when all bans are lifted.
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { insertBan } from '../lib/ledger.mjs';

await attack('unban --all lifts every ban although one row is bad', async (world) => {
  insertBan(world, '203.0.113.9', { network: "'203.0.113.009/32'" });
  await world.ban(Array.from({ length: 7000 }, (_, index) => `2001:db8:0:${index.toString(16)}::/64`));
  const { length } = await world.ask('DELETE', '/v1/bans', { networks: [], all: true });
  must(length === undefined || length === 7000, `${length} bans were lifted`);
  await onlyBanned(world, []);
});
