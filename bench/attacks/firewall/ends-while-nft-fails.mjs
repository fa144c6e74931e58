// A hundred short bans end while nft fails; further bans are lifted and set again meanwhile.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { action, fake, hosts } from '../lib/firewall.mjs';

await attack(
  'a ban that ended while the firewall failed is not set again',
  async (world) => {
    fake(
      world,
      'nft',
      'case "$*" in -i) exit 1;; esac; if [ -e $HERE/fails ]; then echo "Error: busy" >&2; exit 1; fi; exec $REAL "$@"',
    );
    await world.start();
    const clients = hosts(100);
    await world.ban(clients.slice(0, 50), { duration: 2000 });
    await world.ban(clients.slice(90), { duration: null });
    writeFileSync(join(world.folder, 'fails'), '');
    world.run('nft', 'flush', 'set', 'inet', 'trapline', 'ipv4_32');
    const orders = [
      world.ban(clients.slice(50, 80), { duration: 2500 }),
      world.unban(clients.slice(90, 95)),
      world.ban(clients.slice(80, 85), { duration: null }),
    ];
    await Promise.all(orders);
    await world.unban(clients.slice(80, 83));
    await eventually('the short bans are over', async () => (await world.bans()).length === 7, 15_000);
    must((await action(world, 'nftables')).state === 'failing', 'nft did not fail');
    rmSync(join(world.folder, 'fails'));
    await onlyBanned(world, [...clients.slice(83, 85), ...clients.slice(95)], 30_000);
  },
  { started: false, config: 'sync: 1s' },
);
