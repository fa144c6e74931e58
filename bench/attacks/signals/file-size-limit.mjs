// The ledger reaches the limit of file sizes (SIGXFSZ); later the limit is removed.
import { execFileSync } from 'node:child_process';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned, slowness } from '../lib/attack.mjs';
import { client } from '../lib/clock.mjs';

await attack(
  'bans go on while the ledger may not grow, and every hit is recorded when it may grow again',
  async (world) => {
    for (let round = 0; round < 20; round += 1) {
      world.write(...Array.from({ length: 100 }, (_, index) => trapLine(client(1 + index), { number: round * 100 + index })));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await eventually(
      'the limit is reached',
      () => world.said.includes('kept in memory until it can be written'),
      10_000 * slowness(),
    );
    await eventually('all bans are set', async () => (await world.bans()).length === 100, 10_000 * slowness());
    execFileSync('prlimit', ['--pid', String(world.child.pid), '--fsize=unlimited']);
    await eventually('writes succeed', () => world.said.includes('can be written again, nothing was lost'), 10_000 * slowness());
    await onlyBanned(
      world,
      Array.from({ length: 100 }, (_, index) => client(1 + index)),
    );
    must(world.rows('SELECT count(*) AS hits FROM hits')[0].hits === 2000, 'the number of hits is not 2000');
  },
  { before: ['prlimit', '--fsize=300000:', '--'] },
);
