// Eight overlapping requests ban 40,000 networks, each network twice, and one request lifts all bans. When a request keeps the daemon busy for longer than
// ten seconds, the daemon refuses the next request as too slow (408), and the client sends it again.
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';

const networks = Array.from(
  { length: 40_000 },
  (_, index) => `2001:db8:${(index >> 12).toString(16)}:${(index & 4095).toString(16)}::/64`,
);

await attack('40,000 bans by hand are set by overlapping requests and lifted by one request', async (world) => {
  const parts = Array.from({ length: 4 }, (_, index) => networks.slice(index * 10_000, index * 10_000 + 10_000));
  const ban = (part, times = 10) =>
    world.ban(part).catch((thrown) => {
      if (times === 0 || !thrown.message.startsWith('408')) throw thrown;
      return ban(part, times - 1);
    });
  await Promise.all([...parts, ...parts].map((part) => ban(part)));
  const { bans } = await world.status();
  must(bans === 40_000, `${bans} bans`);
  await eventually('all of them are in the firewall', () => world.firewall().size === 40_000, 30_000);
  await world.ask('DELETE', '/v1/bans', { all: true });
  await onlyBanned(world, [], 20_000);
  must(world.memory().most < 500, `${world.memory().most} MiB`);
});
