// The session of nft (nft -i) gets only the first 300 bytes of its input, and does not answer any more.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned, slowness } from '../lib/attack.mjs';
import { fake, hosts } from '../lib/firewall.mjs';

await attack(
  'a session that does not answer is ended after a second, and no ban is lost',
  async (world) => {
    fake(world, 'nft', 'if [ "$1" = -i ]; then touch $HERE/session; head -c 300 | $REAL -i; exec sleep 1000; fi; exec $REAL "$@"');
    await world.start();
    const clients = hosts(12);
    const begun = performance.now();
    for (const [number, client] of clients.entries()) {
      world.write(trapLine(client, { number }));
      await eventually('the client is banned', () => world.holds([client]), 10_000 * slowness());
    }
    must(performance.now() - begun < 12_000 * slowness(), 'the silent session was used again and again');
    must(existsSync(join(world.folder, 'session')), 'no session was started');
    await onlyBanned(world, clients);
  },
  { started: false },
);
