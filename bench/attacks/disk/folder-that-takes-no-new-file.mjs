// The write-ahead log is deleted in a folder in which the daemon may not make a new file.
import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, onlyBanned } from '../lib/attack.mjs';
import { inFirewall, WITHOUT_OVERRIDE } from '../lib/disk.mjs';
import { crash, hit, recorded } from '../lib/ledger.mjs';

await attack(
  'when the files of the ledger cannot be made again, `status` shows the fault, bans go on, and no row is lost',
  async (world) => {
    const folder = join(world.folder, 'state');
    await hit(world, ['203.0.113.1'], 1);
    await world.ban(['198.51.100.1']);
    chmodSync(folder, 0o550);
    rmSync(`${world.state}-wal`);
    world.write(trapLine('203.0.113.2', { number: 2 }));
    await inFirewall(world, ['203.0.113.2']);
    await eventually('the fault is shown', async () =>
      /cannot be written anew: EACCES/.test((await world.status()).ledgerFault ?? ''),
    );
    chmodSync(folder, 0o750);
    await recorded(world, 2);
    await crash(world);
    await onlyBanned(world, ['198.51.100.1', '203.0.113.1', '203.0.113.2']);
  },
  { before: WITHOUT_OVERRIDE },
);
