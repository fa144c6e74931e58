// The disk of the ledger is full, a client is banned in memory, and then the clock is set back.
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { clockAttack, HOUR, says, trap } from '../lib/clock.mjs';
import { onlyBanned, slowness } from '../lib/attack.mjs';

await clockAttack(
  'a ban in memory ends on time although the clock was set back, and its hit is written as soon as the disk has room',
  async (world, clock) => {
    const mount = 'mount -t tmpfs -o size=1m tmpfs "$0" && exec "$@"';
    world.before = [
      'unshare',
      '--mount',
      '--propagation',
      'private',
      'sh',
      '-c',
      mount,
      join(world.folder, 'state'),
      ...world.before,
    ];
    await world.start();
    const filler = join(`/proc/${world.child.pid}/root`, world.folder, 'state', 'filler');
    const file = openSync(filler, 'a');
    for (let size = 65_536; size >= 1; size /= 2) {
      try {
        for (;;) if (writeSync(file, Buffer.alloc(size)) < size) break;
      } catch {
        // No room for a piece of this size.
      }
    }
    closeSync(file);
    for (let number = 1; number <= 200; number += 1) trap(world, clock, `203.0.113.${number}`, { number });
    await says(world, 'kept in memory until it can be written');
    clock.ahead = -HOUR;
    await eventually(
      'the bans in memory end',
      async () => (await world.status()).unwritten > 0 && !(await world.bans()).some(({ network }) => network === '203.0.113.200'),
      30_000 * slowness(),
    );
    rmSync(filler);
    await says(world, 'can be written again, nothing was lost');
    await onlyBanned(world, []);
    const all = async () => {
      const { hits, unwritten } = await world.status();
      return hits === 200 && unwritten === 0;
    };
    await eventually('all hits are on record', all, 10_000 * slowness());
  },
  {
    config: 'sync: 1s\ndefaults: { bantime: 8s }',
    started: false,
    hit: (world, address) => void world.ban([address], { duration: 60_000 }),
  },
);
