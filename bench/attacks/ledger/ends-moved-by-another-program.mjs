// Another program changes the ends of three bans: one end is now in the past, one is earlier, and one ban never ends.
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { hit, sql } from '../lib/ledger.mjs';

await attack(
  'the firewall gets the ends that another program writes',
  async (world) => {
    await hit(world, ['203.0.113.1', '203.0.113.2', '203.0.113.3'], 3);
    const end = (client, until) => sql(world, `UPDATE bans SET until = ${until} WHERE network = '${client}/32'`);
    end('203.0.113.1', Date.now() - 1);
    end('203.0.113.2', Date.now() + 3000);
    end('203.0.113.3', 'NULL');
    await eventually('two bans have ended', async () => (await world.bans()).length === 1);
    await onlyBanned(world, ['203.0.113.3']);
    must((world.said.match(/unban 203\.0\.113\.[12]: its time is over/g) ?? []).length === 2, 'an end was not logged once');
  },
  { config: 'sync: 1s' },
);
