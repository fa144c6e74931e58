// The folder for temporary files is full while thousands of bans are listed, filtered, moved and lifted.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { withDisk } from '../lib/disk.mjs';
import { hit } from '../lib/ledger.mjs';

await attack(
  'the daemon needs no room for temporary files',
  async (world) => {
    const folder = join(world.folder, 'tmp');
    mkdirSync(folder);
    await withDisk(
      world,
      'size=16k',
      async (disk) => {
        disk.fill();
        world.before = [...disk.inside, 'env', `TMPDIR=${folder}`, `SQLITE_TMPDIR=${folder}`];
        await world.start();
        for (let part = 0; part < 3; part += 1) {
          await world.ban(
            Array.from({ length: 7000 }, (_, index) => `2001:db8:${part}:${index.toString(16)}::/64`),
            { reason: 'r'.repeat(200) },
          );
        }
        const { bans } = await world.ask('GET', '/v1/bans?within=2001:db8::/32');
        must(bans.length === 21_000, `${bans.length} bans are listed`);
        await hit(world, ['203.0.113.1'], 1);
        await world.reload();
        const lifted = await world.ask('DELETE', '/v1/bans', { networks: ['2001:db8::/32'] });
        must(lifted.bans.length === 21_000, `${lifted.bans.length} bans were lifted`);
        await onlyBanned(world, ['203.0.113.1']);
      },
      folder,
    );
  },
  { started: false },
);
