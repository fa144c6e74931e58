// Another program writes a ban that ends at the last instant of a JavaScript date, and a ban that began at the first instant.
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { crash, hit, insertBan } from '../lib/ledger.mjs';

await attack('all other bans are set although one ban has the longest possible time', async (world) => {
  insertBan(world, '203.0.113.9', { since: '-8640000000000000', until: '8640000000000000' });
  await hit(world, ['203.0.113.1'], 1);
  await crash(world);
  await onlyBanned(world, ['203.0.113.1', '203.0.113.9']);
  const { actions } = await world.status();
  must(
    actions.every(({ state, owed }) => state === 'ok' && owed === 0),
    JSON.stringify(actions),
  );
});
