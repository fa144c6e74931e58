// The session of nft writes to its standard error without end, also while it has nothing to do.
import { setTimeout as sleep } from 'node:timers/promises';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { fake } from '../lib/firewall.mjs';

await attack(
  'a session that writes to standard error without end does not fill the memory',
  async (world) => {
    const end = String.raw`printf 'Error: syntax error\ntrapline-end\n^^^^^^^^^^^^\n' >&2`;
    const reply = `if [ "$line" = trapline-end ]; then ${end}; else $REAL -f - <<< "$line"; fi`;
    const talk = `while read -t 2 -r line; do ${reply}; done; exec cat /dev/zero >&2`;
    fake(world, 'nft', `if [ "$1" = -i ]; then ${talk}; fi; exec $REAL "$@"`);
    await world.start();
    world.write(trapLine('203.0.113.1'));
    await onlyBanned(world, ['203.0.113.1']);
    for (let look = 0; look < 70; look += 1) {
      await sleep(100);
      must(world.memory().most < 400, `the daemon needed ${world.memory().most} MiB`);
    }
  },
  { started: false },
);
