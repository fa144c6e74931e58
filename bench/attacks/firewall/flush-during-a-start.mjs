// Another program flushes the ruleset all the time while the daemon starts with two thousand bans.
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';
import { networks6 } from '../lib/firewall.mjs';

await attack(
  'although the firewall is flushed again and again during a start, every ban is in force in the end',
  async (world) => {
    const all = networks6(2000);
    await world.ban(all, { duration: null });
    for (let round = 0; round < 3; round += 1) {
      await (round === 1 ? world.kill() : world.stop());
      world.spawn();
      const timer = setInterval(() => world.run('nft', 'flush', 'ruleset'), 30);
      try {
        await eventually('the daemon answers', () => world.status().catch(() => undefined));
      } finally {
        clearInterval(timer);
      }
      await eventually(
        'all bans are in the firewall',
        () => world.run('nft', 'list', 'ruleset').match(/2001:db8:/g)?.length === all.length,
        20_000,
      );
    }
    must((await world.bans()).length === all.length, 'bans were lost');
    await world.ask('DELETE', '/v1/bans', { all: true });
  },
  { config: 'sync: 1s' },
);
