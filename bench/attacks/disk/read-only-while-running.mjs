// While the daemon runs, the disk of the ledger becomes read-only, as after a disk error, and later writable again.
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { inFirewall, withDisk } from '../lib/disk.mjs';
import { hit, hitsOf, recorded } from '../lib/ledger.mjs';

await attack(
  'while the disk is read-only, bans go on and `status` shows the fault, and no hit is lost',
  async (world) => {
    await withDisk(world, undefined, async (disk) => {
      const folder = `${world.folder}/state`;
      await world.start();
      await hit(world, ['203.0.113.1'], 1);
      disk.run('mount', '--bind', folder, folder);
      disk.run('mount', '-o', 'remount,bind,ro', folder);
      world.write(trapLine('203.0.113.2', { number: 2 }));
      await inFirewall(world, ['203.0.113.2']);
      await eventually('the fault is shown', async () => /EROFS[^\n]*$/.test((await world.status()).ledgerFault ?? ''));
      const refusal = await world.unban(['203.0.113.1']).then(
        () => '',
        ({ message }) => message,
      );
      must(/^503: [^\n]+EROFS[^\n]+$/.test(refusal), `the unban: ${refusal}`);
      disk.run('umount', folder);
      await recorded(world, 2);
      must(hitsOf(world).join() === '203.0.113.1,203.0.113.2', hitsOf(world).join());
      await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
    });
  },
  { started: false },
);
