// Standard error and output are pipes that somebody holds open and never reads, and the daemon writes many lines.
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';

await attack(
  'a daemon bans and answers although nobody reads its outputs',
  async (world) => {
    world.child.stdout.removeAllListeners('data').pause();
    world.child.stderr.removeAllListeners('data').pause();
    const long = 'x'.repeat(200);
    for (let round = 0; round < 20; round += 1) {
      world.write(
        ...Array.from({ length: 500 }, (_, index) =>
          trapLine(`198.51.100.${index % 250}`, { number: round * 500 + index, trap: `${long}@example.com` }),
        ),
      );
      await world.ban(
        Array.from({ length: 250 }, (_, index) => `2001:db8:${round}:${index}::/64`),
        { reason: long },
      );
    }
    world.write(trapLine('203.0.113.1', { number: 20_000 }));
    await eventually('all hits are recorded', async () => (await world.status()).hits === 10_001, 40_000);
    await eventually('the last client is banned', () => world.holds(['203.0.113.1']));
    const bans = await world.bans();
    must(bans.length === 5251, `${bans.length} bans`);
  },
  { config: 'actions: [nftables, print]\nlog_level: debug' },
);
