// nft hangs, and its child process, which holds the outputs of nft open and ignores signals, hangs too.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned, slowness } from '../lib/attack.mjs';
import { action, fake } from '../lib/firewall.mjs';

await attack(
  'a nft that hangs is killed with its children, and its bans are set later',
  async (world) => {
    fake(
      world,
      'nft',
      'if [ -e $HERE/hangs ]; then trap "" TERM INT HUP; (trap "" TERM HUP; sleep 1000) & echo $! >> $HERE/children; while :; do sleep 100; done; fi; exec $REAL "$@"',
    );
    await world.start();
    writeFileSync(join(world.folder, 'hangs'), '');
    world.run('nft', 'flush ruleset');
    world.write(trapLine('203.0.113.1'));
    const begun = performance.now();
    const { bans } = await world.ban(['203.0.113.2']);
    must(bans.length === 1 && performance.now() - begun < 7000 * slowness(), 'the ban by hand waited for the firewall');
    const { lastError } = await eventually(
      'the hang is noticed',
      async () => {
        const state = await action(world, 'nftables');
        return state.state === 'failing' && state;
      },
      40_000,
    );
    must(lastError.includes('did not end within 10 s; killed with its children'), lastError);
    rmSync(join(world.folder, 'hangs'));
    await onlyBanned(world, ['203.0.113.1', '203.0.113.2'], 20_000);
    const children = readFileSync(join(world.folder, 'children'), 'utf8').trim().split('\n');
    await eventually('no child is left', () => children.every((pid) => !existsSync(`/proc/${pid}`)));
  },
  { started: false, config: 'sync: 1s' },
);
