// The folder of the socket has no inode left when the daemon starts.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { attack, must } from '../lib/attack.mjs';
import { withDisk } from '../lib/disk.mjs';
import { refusesStart } from '../lib/ledger.mjs';

await attack(
  'the start ends with one line that names the socket, and the next start succeeds',
  async (world) => {
    const folder = join(world.folder, 'run');
    mkdirSync(folder);
    world.socket = join(folder, 'control.sock');
    await withDisk(
      world,
      'size=64k,nr_inodes=1',
      async (disk) => {
        for (const inodes of [1, 2]) {
          disk.run('mount', '-o', `remount,nr_inodes=${inodes}`, folder);
          await refusesStart(world, /control\.sock: cannot be made: .*ENOSPC/);
          must(disk.run('ls', '-A', folder) === '', `left behind: ${disk.run('ls', '-A', folder)}`);
        }
        disk.run('mount', '-o', 'remount,nr_inodes=20', folder);
        disk.fill();
        world.socket = disk.at(world.socket);
        const { socket } = world;
        world.socket = join(folder, 'control.sock');
        const child = world.spawn();
        world.socket = socket;
        await (
          await import('../../../test/support/faults/daemon.mjs')
        ).eventually('the daemon answers', () => world.status().catch(() => undefined));
        must(child.exitCode === null, 'the daemon ended');
      },
      folder,
    );
  },
  { started: false, after: false },
);
