// nft prints a listing without end.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { action, fake } from '../lib/firewall.mjs';

await attack(
  'a listing without end is aborted before it fills the memory',
  async (world) => {
    fake(world, 'nft', 'case "$*" in *-j*list*) if [ -e $HERE/endless ]; then exec cat /dev/zero; fi;; esac; exec $REAL "$@"');
    await world.start();
    world.write(trapLine('203.0.113.1'));
    await onlyBanned(world, ['203.0.113.1']);
    writeFileSync(join(world.folder, 'endless'), '');
    const { lastError } = await eventually(
      'the listing is given up',
      async () => {
        const state = await action(world, 'nftables');
        return state.state === 'failing' && state;
      },
      40_000,
    );
    rmSync(join(world.folder, 'endless'));
    must(/^[^\p{C}]+$/u.test(lastError), lastError);
    must(world.memory().most < 512, `the daemon needed ${world.memory().most} MiB`);
    await eventually('the action works again', async () => (await action(world, 'nftables')).state === 'ok', 20_000);
  },
  { started: false, config: 'sync: 1s' },
);
