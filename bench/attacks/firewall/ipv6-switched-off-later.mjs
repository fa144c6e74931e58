// Somebody switches IPv6 off while clients of both families are banned, and on again.
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, onlyBanned } from '../lib/attack.mjs';

await attack(
  'when IPv6 is switched off and on again, ledger and firewall agree on the bans of both families',
  async (world) => {
    world.write(trapLine('203.0.113.1'), trapLine('2001:db8:1::1', { number: 1 }));
    await onlyBanned(world, ['203.0.113.1', '2001:db8:1::/64']);
    world.run('sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1');
    world.run('nft', 'flush', 'ruleset');
    world.write(trapLine('203.0.113.2', { number: 2 }), trapLine('2001:db8:2::1', { number: 3 }));
    await onlyBanned(world, ['203.0.113.1', '203.0.113.2', '2001:db8:1::/64', '2001:db8:2::/64'], 10_000);
    await world.unban(['2001:db8::/32']);
    world.run('sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=0');
    await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
  },
  { config: 'sync: 1s' },
);
