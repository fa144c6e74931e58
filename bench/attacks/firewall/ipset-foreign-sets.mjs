// Before the start, a set of another type has the name of a Trapline set. Later a foreign rule uses a set with the name of Trapline's temporary set.
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { action, reads } from '../lib/firewall.mjs';

await attack(
  'the error names the foreign set, and the bans are set when that set is deleted',
  async (world) => {
    reads(world, 'ipset');
    world.run('ipset', 'create', 'trapline4', 'bitmap:port', 'range', '0-100');
    await world.start();
    world.write(trapLine('203.0.113.1'), trapLine('2001:db8::9', { number: 2 }));
    const { lastError } = await eventually('the action fails', async () => {
      const state = await action(world, 'ipset');
      return state.state === 'failing' && state;
    });
    must(/^[^\p{C}]*(?:type|match|set)[^\p{C}]*$/u.test(lastError), lastError);
    must((await world.bans()).length === 2, 'the ledger lacks bans');
    world.run('sh', '-c', 'iptables -t raw -F TRAPLINE; ipset destroy trapline4');
    await onlyBanned(world, ['203.0.113.1', '2001:db8::/64'], 20_000);
    world.run(
      'sh',
      '-c',
      'ipset create trapline4-new hash:ip; iptables -A INPUT -m set --match-set trapline4-new src -j ACCEPT; ipset flush trapline4',
    );
    await eventually('the action fails again', async () => (await action(world, 'ipset')).state === 'failing', 15_000);
    world.run('sh', '-c', 'iptables -F INPUT; ipset destroy trapline4-new');
    await onlyBanned(world, ['203.0.113.1', '2001:db8::/64'], 30_000);
  },
  { started: false, config: 'sync: 1s\nactions: [ipset]' },
);
