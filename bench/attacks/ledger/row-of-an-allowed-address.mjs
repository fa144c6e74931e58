// Another program writes a ban of an allow-listed address, and the daemon is started again.
import { attack, onlyBanned } from '../lib/attack.mjs';
import { crash, hit, insertBan } from '../lib/ledger.mjs';

await attack(
  'a start sets no ban of an allow-listed address from the ledger',
  async (world) => {
    await hit(world, ['203.0.113.1'], 1);
    insertBan(world, '198.51.100.9');
    await crash(world);
    await onlyBanned(world, ['203.0.113.1']);
  },
  { config: 'defaults: { ignoreip: [198.51.100.0/24] }' },
);
