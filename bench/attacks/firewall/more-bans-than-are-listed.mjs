// Another program flushes the ruleset while there are more bans than nft can list quickly.
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';
import { networks6 } from '../lib/firewall.mjs';

await attack(
  'twenty-one thousand bans are set again after a flush',
  async (world) => {
    const all = networks6(21_000);
    await world.ban(all, { duration: null });
    const complete = () => count(world) === all.length;
    await eventually('all bans are in the firewall', complete, 20_000);
    for (const command of ['flush ruleset', 'flush set inet trapline ipv6_64', 'delete table inet trapline']) {
      world.run('nft', command);
      await eventually(`all bans are back after ${command}`, complete, 20_000);
    }
    await world.ask('DELETE', '/v1/bans', { all: true });
    await eventually('the firewall is empty', () => count(world) === 0, 20_000);
    must((await world.status()).bans === 0, 'bans are left in the ledger');
  },
  { config: 'sync: 1s' },
);

/** The number of elements of the set, counted in the plain listing. */
function count(world) {
  try {
    return (world.run('nft', 'list', 'set', 'inet', 'trapline', 'ipv6_64').match(/2001:db8:/g) ?? []).length;
  } catch {
    return -1; // The set does not exist at the moment.
  }
}
