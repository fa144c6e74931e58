// Another program writes a ban with fractions of milliseconds in its dates.
import { attack, onlyBanned } from '../lib/attack.mjs';
import { crash, hit, insertBan } from '../lib/ledger.mjs';

await attack('all bans are set although the dates of one ban have fractions', async (world) => {
  insertBan(world, '203.0.113.9', { since: `${Date.now()}.25`, until: `${Date.now() + 600_000}.75` });
  await crash(world);
  await hit(world, ['203.0.113.1'], 1);
  await onlyBanned(world, ['203.0.113.1', '203.0.113.9']);
});
