// Another program flushes, deletes and doubles rules of the action iptables. The rule in PREROUTING is back only at the next comparison, although the
// rules of the bans may be right before it.
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, onlyBanned } from '../lib/attack.mjs';
import { reads } from '../lib/firewall.mjs';

const CHANGES = [
  'iptables -t raw -F',
  'iptables -t raw -F TRAPLINE-BANS',
  'iptables -t raw -F TRAPLINE',
  'iptables -t raw -F; iptables -t raw -X',
  'iptables -t raw -D PREROUTING -j TRAPLINE',
  'iptables -t raw -A TRAPLINE-BANS -s 198.51.100.1 -j DROP',
  'iptables -t raw -A TRAPLINE-BANS -s 203.0.113.1 -j DROP',
  'ip6tables -t raw -F',
  'iptables -t raw -I TRAPLINE -j RETURN; iptables -t raw -F TRAPLINE',
];

/** True when the rules of the machine lead to those of the daemon. */
function leads(world) {
  try {
    world.run('iptables', '-t', 'raw', '-C', 'PREROUTING', '-j', 'TRAPLINE');
    return true;
  } catch {
    return false;
  }
}

await attack(
  'rules that another program changed are restored, and an unban also removes duplicate rules',
  async (world) => {
    reads(world, 'iptables');
    await world.start();
    const wanted = [];
    for (const [number, change] of CHANGES.entries()) {
      wanted.push(`203.0.113.${number + 1}`, `2001:db8:1${number}::/64`);
      world.write(trapLine(wanted.at(-2), { number }), trapLine(`2001:db8:1${number}::9`, { number }));
      await onlyBanned(world, wanted, 15_000);
      world.run('sh', '-c', change);
      await onlyBanned(world, wanted, 15_000);
      await eventually('the rule is back', () => leads(world), 15_000);
    }
    await world.unban(['203.0.113.1']);
    await onlyBanned(world, wanted.slice(1), 15_000);
  },
  { started: false, config: 'sync: 1s\nactions: [iptables]' },
);
