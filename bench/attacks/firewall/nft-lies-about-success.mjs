// For a while, nft reports success but changes nothing.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { action, fake } from '../lib/firewall.mjs';

await attack(
  'a comparison finds that bans are missing although nft reported success, and sets them',
  async (world) => {
    fake(
      world,
      'nft',
      'case "$*" in *list*|monitor*) exec $REAL "$@";; -i) exit 0;; esac; if [ -e $HERE/lies ]; then cat > /dev/null; exit 0; fi; exec $REAL "$@"',
    );
    await world.start();
    writeFileSync(join(world.folder, 'lies'), '');
    world.write(trapLine('203.0.113.1'), trapLine('203.0.113.2', { number: 2 }));
    await eventually('the drift is counted', async () => (await action(world, 'nftables')).drift > 0);
    must(world.said.includes('2 bans were missing and 0 were too many; correcting the firewall'), 'the log does not report it');
    rmSync(join(world.folder, 'lies'));
    await onlyBanned(world, ['203.0.113.1', '203.0.113.2'], 10_000);
  },
  { started: false, config: 'sync: 1s' },
);
