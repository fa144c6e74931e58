// Two hundred reloads come at once while clients mail the trap and bans are made and lifted by hand.
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { hosts } from '../lib/firewall.mjs';

await attack('two hundred reloads at once lose no hit, ban or unban', async (world) => {
  const clients = hosts(40);
  const reloads = Array.from({ length: 200 }, () => world.reload());
  const orders = [];
  for (const [number, client] of clients.entries()) {
    world.write(trapLine(client, { number }));
    orders.push(
      world.ban([`198.51.100.${number + 1}`]).then(() => (number % 2 ? world.unban([`198.51.100.${number + 1}`]) : undefined)),
    );
  }
  await Promise.all([...reloads, ...orders]);
  await eventually('every hit is counted', async () => (await world.status()).hits >= clients.length);
  must((await world.status()).hits === clients.length, 'a hit was counted twice');
  await onlyBanned(world, [...clients, ...clients.flatMap((_, number) => (number % 2 ? [] : [`198.51.100.${number + 1}`]))]);
});
