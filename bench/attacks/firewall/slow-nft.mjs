// Every start of nft takes half a second, while a hundred clients mail the trap one after another.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { fake, hosts } from '../lib/firewall.mjs';

await attack(
  'the bans that arrive while a slow nft runs are set with one command',
  async (world) => {
    writeFileSync(join(world.folder, 'runs'), '');
    fake(
      world,
      'nft',
      'case "$*" in monitor*) ;; -i) exec sleep 1000;; *) echo x >> $HERE/runs; sleep 0.5;; esac; exec $REAL "$@"',
    );
    await world.start();
    const clients = hosts(100);
    for (const [number, client] of clients.entries()) {
      world.write(trapLine(client, { number }));
      await sleep(15);
    }
    await onlyBanned(world, clients, 20_000);
    const runs = readFileSync(join(world.folder, 'runs'), 'utf8').length / 2;
    must(runs < 40, `nft was started ${runs} times`);
  },
  { started: false, config: 'sync: 1h' },
);
