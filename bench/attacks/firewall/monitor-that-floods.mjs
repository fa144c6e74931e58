// nft monitor reports deletions without end.
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned, slowness } from '../lib/attack.mjs';
import { fake } from '../lib/firewall.mjs';
import { setTimeout as sleep } from 'node:timers/promises';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

await attack(
  'a flood of reports causes at most one comparison a second',
  async (world) => {
    writeFileSync(join(world.folder, 'lists'), '');
    fake(
      world,
      'nft',
      'case "$*" in monitor*) exec yes "delete element inet trapline ipv4_32 { 203.0.113.1 }";; *-j*list*) echo x >> $HERE/lists;; esac; exec $REAL "$@"',
    );
    await world.start();
    world.write(trapLine('203.0.113.1'));
    await eventually('the client is banned', () => world.holds(['203.0.113.1']), 20_000);
    const before = readFileSync(join(world.folder, 'lists'), 'utf8').length / 2;
    await sleep(4000);
    const lists = readFileSync(join(world.folder, 'lists'), 'utf8').length / 2 - before;
    must(lists <= 6, `${lists} comparisons in four seconds`);
    const begun = performance.now();
    await world.status();
    must(performance.now() - begun < 1000 * slowness(), 'the daemon does not answer');
    await onlyBanned(world, ['203.0.113.1']);
  },
  { started: false, config: 'sync: 1h' },
);
