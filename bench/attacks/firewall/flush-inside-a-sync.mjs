// The ruleset is flushed exactly between the listing and the correction of a sync, and inside of the correction.
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, onlyBanned } from '../lib/attack.mjs';
import { action, fake, hosts } from '../lib/firewall.mjs';

await attack(
  'the next sync corrects a change that was made in the middle of a sync',
  async (world) => {
    fake(
      world,
      'nft',
      'case "$*" in monitor*) exec sleep 1000;; *-j*list*) $REAL "$@"; code=$?; if [ $((RANDOM % 2)) = 0 ]; then $REAL flush ruleset; fi; exit $code;; *-f*) $REAL "$@"; code=$?; if [ $((RANDOM % 8)) = 0 ]; then $REAL delete table inet trapline; fi; exit $code;; esac; exec $REAL "$@"',
    );
    await world.start();
    const clients = hosts(20);
    world.write(...clients.map((client, number) => trapLine(client, { number })));
    await eventually('the drift is counted several times', async () => (await action(world, 'nftables')).drift > 60, 40_000);
    fake(world, 'nft', 'exec $REAL "$@"');
    await onlyBanned(world, clients, 15_000);
  },
  { started: false, config: 'sync: 1s' },
);
