// Another program makes chains with the names of Trapline's chains: in another hook, without a hook, or with another policy.
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';

const CHAINS = [
  '{ type filter hook output priority 0; policy accept; }',
  '{ type nat hook prerouting priority -100; }',
  '',
  '{ type filter hook prerouting priority 5; policy accept; }',
  '{ type filter hook prerouting priority -310; policy drop; }',
];

await attack(
  'a foreign chain is replaced, and the rule is in the right hook again',
  async (world) => {
    const clients = [];
    for (const [number, chain] of CHAINS.entries()) {
      world.run('nft', `delete table inet trapline; add table inet trapline; add chain inet trapline ipv4_32 ${chain}`);
      clients.push(`203.0.113.${number + 1}`);
      world.write(trapLine(clients.at(-1), { number }));
      await onlyBanned(world, clients, 10_000);
      await eventually(`the chain is right after "${chain}"`, () => {
        const text = world.run('nft', 'list', 'chain', 'inet', 'trapline', 'ipv4_32');
        return (
          text.includes('hook prerouting priority raw - 10; policy accept;') && text.includes('@ipv4_32') && text.includes('drop')
        );
      });
    }
    must((await world.status()).actions[0].state === 'ok', 'the action still fails');
  },
  { config: 'sync: 1s' },
);
