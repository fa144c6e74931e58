// One bad row is among the first of thousands of bans, which are listed in pages.
import { attack, must } from '../lib/attack.mjs';
import { insertBan } from '../lib/ledger.mjs';

await attack('a listing has all other bans although one row is bad', async (world) => {
  insertBan(world, '203.0.113.9', { network: "'nothing'" });
  await world.ban(Array.from({ length: 4500 }, (_, index) => `2001:db8:0:${index.toString(16)}::/64`));
  const { length } = await world.bans();
  must(length === 4500, `${length} of 4500 bans are listed`);
});
