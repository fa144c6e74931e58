// The block device of the ledger is shut down, so that every read and write fails; then the disk is mounted again.
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { inFirewall, withDisk } from '../lib/disk.mjs';
import { hit, recorded } from '../lib/ledger.mjs';

await attack(
  'errors of the disk stop no ban, and after a start on the repaired disk every hit is recorded',
  async (world) => {
    await withDisk(world, undefined, async (disk) => {
      const [image, folder] = [`${world.folder}/image`, `${world.folder}/state`];
      disk.run('truncate', '--size=32m', image);
      disk.run('mkfs.ext4', '-q', image);
      disk.run('mount', '-o', 'loop,errors=remount-ro', image, folder);
      await world.start();
      await hit(world, ['203.0.113.1'], 1);
      await world.ban(['198.51.100.1']);
      // The disk loses its tail: writes to new blocks fail, as on a broken device.
      disk.run('sh', '-c', `echo 1 > /sys/fs/ext4/$(basename $(findmnt -no SOURCE ${folder}))/trigger_fs_error`);
      world.write(trapLine('203.0.113.2', { number: 2 }));
      await inFirewall(world, ['203.0.113.2']);
      const { code } = await world.stop();
      must(code === 0, `it ended with ${code}`);
      disk.run('umount', folder);
      disk.run('sh', '-c', `e2fsck -fy ${image} > /dev/null; test $? -lt 4`);
      disk.run('mount', '-o', 'loop', image, folder);
      await world.start();
      await recorded(world, 2);
      await onlyBanned(world, ['198.51.100.1', '203.0.113.1', '203.0.113.2']);
    });
  },
  { started: false },
);
