// A bad row precedes thousands of bans, and the network of the last ban is added to the allow-list.
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, slowness } from '../lib/attack.mjs';
import { insertBan } from '../lib/ledger.mjs';

await attack('an allow-listed network is unbanned although a row before it is bad', async (world) => {
  insertBan(world, '203.0.113.9', { network: "'nothing'" });
  await world.ban(Array.from({ length: 2500 }, (_, index) => `2001:db8:0:${index.toString(16)}::/64`));
  await world.ban(['198.51.100.7']);
  world.configure('defaults: { ignoreip: [198.51.100.0/24] }');
  await world.reload();
  await eventually('the allow-listed address is free', () => !world.holds(['198.51.100.7']), 5_000 * slowness());
});
