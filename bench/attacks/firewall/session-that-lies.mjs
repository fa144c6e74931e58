// The session of nft (nft -i) reports a command as done before it has read the command, once or twice.
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, onlyBanned } from '../lib/attack.mjs';
import { fake, hosts } from '../lib/firewall.mjs';

await attack(
  'bans that a session did not set are set at the next comparison',
  async (world) => {
    const end = String.raw`printf 'Error: syntax error\ntrapline-end\n^^^^^^^^^^^^\n' >&2`;
    fake(world, 'nft', `if [ "$1" = -i ]; then while read -r line; do ${end}; ${end}; done; exit; fi; exec $REAL "$@"`);
    await world.start();
    const clients = hosts(20);
    for (const [number, client] of clients.entries()) {
      world.write(trapLine(client, { number }));
      await eventually('the hit is counted', async () => (await world.status()).hits === number + 1);
    }
    await onlyBanned(world, clients, 15_000);
  },
  { started: false, config: 'sync: 1s' },
);
