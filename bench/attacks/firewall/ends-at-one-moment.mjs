// Bans with short times and fractions of seconds end at almost the moment of the kernel's timeouts.
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { action, hosts } from '../lib/firewall.mjs';

await attack('bans that end within a second end once, without a failing command', async (world) => {
  const clients = hosts(120);
  const orders = clients.map((client, index) => world.ban([client], { duration: 1 + index * 17.3 }));
  await Promise.all(orders);
  await world.ban(['203.0.113.200'], { duration: 3_153_600_000_000 });
  await eventually('the short bans are over', async () => (await world.bans()).length === 1, 15_000);
  await onlyBanned(world, ['203.0.113.200']);
  const { state, drift, owed } = await action(world, 'nftables');
  must(state === 'ok' && owed === 0 && drift === 0, `the action is ${state}, owes ${owed}, drift ${drift}`);
  const unbans = world.said.match(/manual: unban|more within a second/g) ?? [];
  must(unbans.length > 0, 'no end was logged');
});
