// Another program writes a ban whose reason is text that is not UTF-8, as a damaged page or a program with Latin-1 does.
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { crash, hit, insertBan } from '../lib/ledger.mjs';

await attack('a reason that is not UTF-8 does not end the daemon', async (world) => {
  insertBan(world, '203.0.113.9', { reason: "CAST(x'67fcfe' AS TEXT)", jail: "'other'" });
  await hit(world, ['203.0.113.1'], 1);
  await world.bans();
  await world.unban(['203.0.113.9']);
  await crash(world);
  const networks = (await world.bans()).map(({ network }) => network);
  must(networks.includes('203.0.113.1'), 'the good ban is not listed');
  await world.ban(['203.0.113.2']);
  await world.unban(['203.0.113.0/24']);
  await onlyBanned(world, []);
});
