// Another program replaces the rule of a chain by a rule without a set, by a rule that accepts, and by a rule for another port.
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, onlyBanned } from '../lib/attack.mjs';

await attack(
  'a changed rule is replaced by the rule of the action',
  async (world) => {
    world.write(trapLine('203.0.113.5'));
    await onlyBanned(world, ['203.0.113.5']);
    for (const rule of ['ip saddr 198.51.100.1 drop', 'counter comment "ipv4_32"']) {
      world.run('nft', `flush chain inet trapline ipv4_32; add rule inet trapline ipv4_32 ${rule}`);
      await eventually(
        `the rule is back after "${rule}"`,
        () =>
          world.run('nft', 'list', 'chain', 'inet', 'trapline', 'ipv4_32').includes('ip saddr @ipv4_32 tcp dport { 25, 465, 587 }'),
        10_000,
      );
    }
    await onlyBanned(world, ['203.0.113.5']);
  },
  { config: 'sync: 1s' },
);
