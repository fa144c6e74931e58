// Another program adds an ACCEPT rule for a client to the chain of the bans; then this client mails the trap.
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, onlyBanned } from '../lib/attack.mjs';
import { reads } from '../lib/firewall.mjs';

await attack(
  'a foreign rule for a client does not count as its ban',
  async (world) => {
    reads(world, 'iptables');
    await world.start();
    world.run('iptables', '-t', 'raw', '-A', 'TRAPLINE-BANS', '-s', '203.0.113.1/32', '-j', 'ACCEPT');
    world.write(trapLine('203.0.113.1'));
    await eventually('the client is banned', () => world.holds(['203.0.113.1']), 15_000);
    await onlyBanned(world, ['203.0.113.1']);
  },
  { started: false, config: 'sync: 1s\nactions: [iptables]' },
);
