// Another program bans clients in Trapline's sets, in sets of further lengths, and for ever instead of for an hour.
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, onlyBanned } from '../lib/attack.mjs';

await attack(
  'the firewall holds only bans of the ledger',
  async (world) => {
    world.write(trapLine('203.0.113.5'));
    await onlyBanned(world, ['203.0.113.5']);
    world.run(
      'nft',
      'add element inet trapline ipv4_32 { 198.51.100.1, 198.51.100.2 timeout 1d }; add element inet trapline ipv6_64 { 2001:db8:9:: }',
    );
    await onlyBanned(world, ['203.0.113.5'], 10_000);
    const group =
      'add set inet trapline ipv4_8 { type ipv4_addr; flags timeout; }; add chain inet trapline ipv4_8 { type filter hook prerouting priority -310; }';
    world.run(
      'nft',
      `${group}; add rule inet trapline ipv4_8 ip saddr & 255.0.0.0 @ipv4_8 drop; add element inet trapline ipv4_8 { 198.0.0.0 }`,
    );
    await onlyBanned(world, ['203.0.113.5'], 10_000);
  },
  { config: 'sync: 1s' },
);
