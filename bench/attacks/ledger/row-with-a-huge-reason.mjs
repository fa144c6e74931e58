// Another program writes bans with reasons of 40 MB.
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { hit, insertBan } from '../lib/ledger.mjs';

await attack('whatever the length of the reasons, memory stays bounded and all bans are set', async (world) => {
  for (const last of [7, 8, 9]) insertBan(world, `203.0.113.${last}`, { reason: "replace(hex(zeroblob(20000000)), '0', 'r')" });
  await hit(world, ['203.0.113.1'], 1);
  for (let time = 0; time < 5; time += 1) {
    const bans = await world.bans();
    must(JSON.stringify(bans).length < 100_000, 'a listing contains a reason that was not cut');
  }
  await world.unban(['203.0.113.7', '203.0.113.8', '203.0.113.9']);
  await onlyBanned(world, ['203.0.113.1']);
});
