// Another program makes a set of ports with the name of one of Trapline's sets, while the daemon runs and before it starts.
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, onlyBanned } from '../lib/attack.mjs';

const FOREIGN =
  'add table inet trapline; delete table inet trapline; add table inet trapline; add set inet trapline ipv4_32 { type inet_service; }; add element inet trapline ipv4_32 { 25 }';

await attack(
  'a set of another type is replaced, and every ban is in force',
  async (world) => {
    world.write(trapLine('203.0.113.5'));
    await onlyBanned(world, ['203.0.113.5']);
    world.run('nft', FOREIGN);
    await eventually('the set is right', () => world.holds(['203.0.113.5']));
    await onlyBanned(world, ['203.0.113.5']);
    await world.stop();
    world.run('nft', FOREIGN);
    await world.start();
    world.write(trapLine('203.0.113.6', { number: 6 }));
    await onlyBanned(world, ['203.0.113.5', '203.0.113.6'], 10_000);
  },
  { config: 'sync: 1s' },
);
