// The set holds fewer bans than there are clients; then bans end and make room.
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { action, hosts, reads } from '../lib/firewall.mjs';

await attack(
  'only bans that do not fit into a full set are refused, and they are set when there is room',
  async (world) => {
    reads(world, 'ipset');
    await world.start();
    const clients = hosts(40);
    world.write(...clients.map((client, number) => trapLine(client, { number })));
    const { state, owed, lastError } = await eventually('the set is full', async () => {
      const found = await action(world, 'ipset');
      return world.firewall().size >= 30 && found.state === 'failing' && found.owed < 20 && found;
    });
    must(state === 'failing' && owed >= 8 && /^[^\p{C}]*full[^\p{C}]*$/u.test(lastError), `${state}, owes ${owed}: ${lastError}`);
    await world.unban(clients.slice(0, 20));
    await onlyBanned(world, clients.slice(20), 40_000);
    must((await action(world, 'ipset')).state === 'ok', 'the action still fails');
  },
  { started: false, config: 'sync: 2s\nactions: [{ type: ipset, maxelem: 32 }]' },
);
