// Somebody removes all permissions of the folder of the ledger while the daemon runs, and restores them.
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { inFirewall, WITHOUT_OVERRIDE } from '../lib/disk.mjs';
import { hit, hitsOf, recorded } from '../lib/ledger.mjs';

await attack(
  'without permissions for the folder of the ledger, bans go on, `status` shows the fault, and no hit is lost',
  async (world) => {
    const folder = join(world.folder, 'state');
    await hit(world, ['203.0.113.1'], 1);
    chmodSync(folder, 0o000);
    world.write(trapLine('203.0.113.2', { number: 2 }));
    await inFirewall(world, ['203.0.113.2']);
    await eventually('the fault is shown', async () => /EACCES[^\n]*$/.test((await world.status()).ledgerFault ?? ''));
    must(!/was deleted/.test(world.said), 'the ledger was taken for deleted');
    chmodSync(folder, 0o750);
    await recorded(world, 2);
    must(hitsOf(world).join() === '203.0.113.1,203.0.113.2', hitsOf(world).join());
    await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
  },
  { before: WITHOUT_OVERRIDE },
);
