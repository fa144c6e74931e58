// The disk of the log becomes full in the middle of a line. When there is room again, the writer goes on with the next line.
import { execFileSync } from 'node:child_process';
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { attack, must } from '../lib/attack.mjs';
import { counted, follow, hit, inFile, put } from '../lib/log-files.mjs';

await attack(
  'a line that a full disk has cut makes only the next line unreadable, and bans no other client',
  async (world) => {
    const folder = follow(world, 'mail.log');
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', folder]);
    try {
      put(`${folder}/mail.log`, 1);
      await world.start();
      await counted(world, 1);
      let full = false;
      try {
        writeFileSync(`${folder}/filler`, 'x'.repeat(61_440));
        for (let number = 0; number < 100; number += 1) appendFileSync(`${folder}/mail.log`, hit(2));
      } catch {
        full = true;
      }
      must(full, 'the disk did not become full');
      rmSync(`${folder}/filler`);
      const before = world.rows('SELECT COUNT(*) AS hits FROM hits WHERE address = ?', '203.0.113.2')[0].hits;
      put(`${folder}/mail.log`, 3, 4);
      const lines = execFileSync(
        'grep',
        ['-c', '113.2]: <trap@example.com>: Recipient address triggers spamtrap;', `${folder}/mail.log`],
        { encoding: 'utf8' },
      );
      must(before <= Number(lines), 'a half line was counted');
      const glued = execFileSync('grep', ['-c', '113.2.*113.3', `${folder}/mail.log`], { encoding: 'utf8' }).trim() === '1';
      await counted(world, 1, ...Array.from({ length: Number(lines) }, () => 2), ...(glued ? [] : [3]), 4);
    } finally {
      execFileSync('umount', ['-l', folder]);
    }
  },
  { ...inFile('mail.log'), after: false },
);
