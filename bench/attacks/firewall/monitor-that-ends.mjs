// nft monitor ends at once whenever it is started, or prints a line that never ends.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { fake } from '../lib/firewall.mjs';

await attack(
  'a monitor that ends is started again with growing pauses',
  async (world) => {
    writeFileSync(join(world.folder, 'starts'), '');
    fake(
      world,
      'nft',
      'case "$*" in monitor*) echo x >> $HERE/starts; if [ $(wc -l < $HERE/starts) = 2 ]; then head -c 300000000 /dev/zero; fi; exit 1;; esac; exec $REAL "$@"',
    );
    await world.start();
    world.write(trapLine('203.0.113.1'));
    await sleep(5000);
    const starts = readFileSync(join(world.folder, 'starts'), 'utf8').length / 2;
    must(starts >= 2 && starts <= 5, `the monitor was started ${starts} times in five seconds`);
    must(world.memory().most < 400, `the daemon needed ${world.memory().most} MiB`);
    await onlyBanned(world, ['203.0.113.1']);
  },
  { started: false, config: 'sync: 1h' },
);
