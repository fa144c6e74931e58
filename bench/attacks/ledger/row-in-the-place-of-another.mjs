// Another program writes a ban with a later end and with the sort keys of a client that is banned already.
import { attack, must } from '../lib/attack.mjs';
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { hit, insertBan } from '../lib/ledger.mjs';

await attack(
  'a row with the sort keys of another network lifts no ban',
  async (world) => {
    await hit(world, ['203.0.113.1'], 1);
    insertBan(world, '203.0.113.1', { network: "'198.51.100.9/32'", until: String(Date.now() + 86_400_000) });
    world.run('nft', 'flush', 'ruleset');
    await eventually('the client is banned again', () => world.holds(['203.0.113.1']));
    await world.unban(['203.0.113.1']);
    must(!world.holds(['203.0.113.1']), 'an unbanned client is still in the firewall');
  },
  { config: 'sync: 1s' },
);
