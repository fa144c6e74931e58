// Another program flushes the ruleset again and again while clients mail the trap.
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, onlyBanned } from '../lib/attack.mjs';
import { hosts } from '../lib/firewall.mjs';

await attack(
  'after the last flush every ban is in force',
  async (world) => {
    const clients = hosts(60);
    for (const [number, client] of clients.entries()) {
      world.write(trapLine(client, { number }));
      const bare = 'add table inet trapline; delete table inet trapline; add table inet trapline';
      world.run('nft', number % 3 === 0 ? bare : 'flush ruleset');
    }
    await onlyBanned(world, clients, 15_000);
  },
  { config: 'sync: 2s' },
);
