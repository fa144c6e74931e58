// ip6tables fails while clients of both families mail the trap; then it works.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { fake, reads } from '../lib/firewall.mjs';

await attack(
  'while ip6tables fails, IPv4 clients are banned at once; IPv6 clients are banned when ip6tables works',
  async (world) => {
    reads(world, 'iptables');
    writeFileSync(join(world.folder, 'fails'), '');
    for (const name of ['ip6tables', 'ip6tables-restore'])
      fake(world, name, 'if [ -e $HERE/fails ]; then echo "ip6tables: kernel too old" >&2; exit 3; fi; exec $REAL "$@"');
    await world.start();
    world.write(trapLine('203.0.113.1'), trapLine('2001:db8:7::9', { number: 2 }), trapLine('203.0.113.3', { number: 3 }));
    await eventually('the IPv4 clients are banned', () => world.holds(['203.0.113.1', '203.0.113.3']), 15_000);
    must(world.said.includes('only IPv4 addresses are banned'), 'the missing IPv6 bans were not reported');
    rmSync(join(world.folder, 'fails'));
    await onlyBanned(world, ['203.0.113.1', '203.0.113.3', '2001:db8:7::/64'], 40_000);
  },
  { started: false, config: 'sync: 1s\nactions: [iptables]' },
);
