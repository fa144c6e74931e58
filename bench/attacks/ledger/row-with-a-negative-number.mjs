// Another program gives one valid ban a negative row number, and a second ban the largest row number.
import { attack, onlyBanned } from '../lib/attack.mjs';
import { crash, hit, insertBan } from '../lib/ledger.mjs';

await attack('a valid ban is listed and set, whatever its row number', async (world) => {
  insertBan(world, '203.0.113.8', { rowid: '-5' });
  insertBan(world, '203.0.113.9', { rowid: '9223372036854775807' });
  await crash(world);
  await hit(world, ['203.0.113.1'], 1);
  await onlyBanned(world, ['203.0.113.1', '203.0.113.8', '203.0.113.9']);
});
