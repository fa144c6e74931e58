// Another program empties, renames, swaps and fills the sets of ipset, and takes away the rules. Bans may already be in the sets
// again while the rules are still missing: the next comparison of the firewall with the ledger restores the rules.
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, onlyBanned } from '../lib/attack.mjs';
import { reads } from '../lib/firewall.mjs';

const CHANGES = [
  'ipset flush',
  'ipset create other hash:net family inet timeout 0; ipset swap other trapline4',
  'iptables -t raw -F',
  'ipset add trapline4 198.51.100.1',
  'iptables -t raw -F; iptables -t raw -X; ipset destroy trapline4',
  'iptables -t raw -D PREROUTING -j TRAPLINE',
  'ipset create renamed hash:net timeout 0; ipset rename trapline6 lost || ip6tables -t raw -F && ipset rename trapline6 lost',
];

/** True when the chain PREROUTING jumps to the chain of the daemon. */
function leads(world) {
  try {
    world.run('iptables', '-t', 'raw', '-C', 'PREROUTING', '-j', 'TRAPLINE');
    return true;
  } catch {
    return false;
  }
}

await attack(
  'the next comparison restores the sets and rules that another program changed',
  async (world) => {
    reads(world, 'ipset');
    await world.start();
    const clients = [];
    for (const [number, change] of CHANGES.entries()) {
      clients.push(`203.0.113.${number + 1}`);
      world.write(trapLine(clients.at(-1), { number }), trapLine(`2001:db8:${number}::9`, { number }));
      const wanted = [...clients, ...clients.map((_, index) => `2001:db8:${index}::/64`.replace(':0::', '::'))];
      await onlyBanned(world, wanted, 10_000);
      world.run('sh', '-c', change);
      await onlyBanned(world, wanted, 15_000);
      await eventually('the rule is back', () => leads(world), 15_000);
    }
  },
  { started: false, config: 'sync: 1s\nactions: [ipset]' },
);
