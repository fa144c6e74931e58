// Another program uses the names of Trapline's sets for a map, an interval set, a set for two elements, and a constant set.
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, onlyBanned } from '../lib/attack.mjs';

const OBJECTS = [
  'map inet trapline ipv4_32 { type ipv4_addr : verdict; }',
  'set inet trapline ipv4_32 { type ipv4_addr; flags interval; auto-merge; }',
  'set inet trapline ipv4_32 { type ipv4_addr; size 2; flags timeout; }',
  'set inet trapline ipv4_32 { type ipv6_addr; flags timeout; }',
  'set inet trapline ipv4_32 { type ipv4_addr . inet_service; flags timeout; }',
  'set inet trapline ipv4_32 { type ipv4_addr; flags constant; elements = { 203.0.113.99 } }',
];

await attack(
  'bans are set although foreign objects have the names of the sets',
  async (world) => {
    const clients = [];
    for (const [number, object] of OBJECTS.entries()) {
      world.run('nft', `add table inet trapline; delete table inet trapline; add table inet trapline; add ${object}`);
      for (const digit of [1, 2, 3]) {
        clients.push(`203.0.113.${number * 10 + digit}`);
        world.write(trapLine(clients.at(-1), { number: number * 10 + digit }));
      }
      await onlyBanned(world, clients, 10_000);
    }
  },
  { config: 'sync: 1s' },
);
