// Another file system is mounted over the folder of the log, and unmounted again.
import { execFileSync } from 'node:child_process';
import { attack } from '../lib/attack.mjs';
import { counted, follow, inFile, put } from '../lib/log-files.mjs';

await attack(
  'no line is lost or read twice when a file system is mounted over the folder of the log',
  async (world) => {
    const folder = follow(world, 'mail.log');
    put(`${folder}/mail.log`, 1);
    await world.start();
    await counted(world, 1);
    // The daemon has mounts of its own (ip netns exec).
    const inside = (...argv) => execFileSync('nsenter', ['-t', String(world.child.pid), '-m', ...argv]);
    const mounted = `/proc/${world.child.pid}/root${folder}/mail.log`;
    inside('mount', '-t', 'tmpfs', 'none', folder);
    try {
      put(mounted, 2);
      await counted(world, 1, 2);
      put(mounted, 3);
      await counted(world, 1, 2, 3);
    } finally {
      inside('umount', '-l', folder);
    }
    put(`${folder}/mail.log`, 4);
    await counted(world, 1, 2, 3, 4);
  },
  inFile('mail.log'),
);
