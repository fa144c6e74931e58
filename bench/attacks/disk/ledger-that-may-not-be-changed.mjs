// The file of the ledger gets the attribute "immutable" while the daemon runs, on a disk of its own.
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';
import { inFirewall, withDisk } from '../lib/disk.mjs';
import { hit, recorded } from '../lib/ledger.mjs';

await attack(
  'while the ledger is immutable, bans go on and the daemon does not end, and later every hit is written',
  async (world) => {
    await withDisk(world, undefined, async (disk) => {
      const [image, folder] = [`${world.folder}/image`, `${world.folder}/state`];
      disk.run('truncate', '--size=32m', image);
      disk.run('mkfs.ext4', '-q', image);
      disk.run('mount', '-o', 'loop', image, folder);
      await world.start();
      await hit(world, ['203.0.113.1'], 1);
      for (const suffix of ['', '-wal']) disk.run('chattr', '+i', `${world.state}${suffix}`);
      world.write(trapLine('203.0.113.2', { number: 2 }));
      await inFirewall(world, ['203.0.113.2']);
      for (const suffix of ['', '-wal']) disk.run('chattr', '-i', `${world.state}${suffix}`);
      await recorded(world, 2);
      const { code } = await world.stop();
      must(code === 0, `it ended with ${code}`);
      disk.run('chattr', '+i', world.state);
      world.said = '';
      const child = world.spawn();
      await new Promise((resolve) => child.once('exit', resolve));
      must(child.exitCode === 77 && !world.said.trim().includes('\n'), `${child.exitCode}: ${world.said}`);
      disk.run('chattr', '-i', world.state);
      await world.start();
    });
  },
  { started: false },
);
