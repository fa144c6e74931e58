// Another program gives one element an earlier end, and removes the end of a second element.
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';

await attack(
  'a ban ends as recorded in the ledger, whatever end its element has',
  async (world) => {
    await world.ban(['203.0.113.1'], { duration: 600_000 });
    await world.ban(['203.0.113.2'], { duration: 5000 });
    world.run(
      'nft',
      'delete element inet trapline ipv4_32 { 203.0.113.1, 203.0.113.2 }; add element inet trapline ipv4_32 { 203.0.113.1 timeout 1s, 203.0.113.2 }',
    );
    await eventually('the short ban is over', async () => (await world.bans()).length === 1, 15_000);
    await onlyBanned(world, ['203.0.113.1'], 10_000);
    const left = world.firewall().get('203.0.113.1');
    must(left > 500, `the element ends in ${left} s`);
  },
  { config: 'sync: 1s' },
);
