// In several starts, the lock file of the writer is a folder, a dangling link, a pipe, or a text.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { attack } from '../lib/attack.mjs';
import { refusesStart } from '../lib/ledger.mjs';

await attack(
  'an object that is no lock file is refused in one line that names it',
  async (world) => {
    await world.stop();
    const lock = `${world.state}-lock`;
    const things = [
      () => mkdirSync(lock),
      () => symlinkSync('/nowhere/at/all', lock),
      () => symlinkSync(lock, lock),
      () => execFileSync('mkfifo', [lock]),
      () => writeFileSync(lock, 'x'.repeat(5000)),
    ];
    for (const make of things) {
      rmSync(lock, { recursive: true, force: true });
      make();
      await refusesStart(world, /trapline\.db(-lock)?: /);
    }
  },
  { after: false },
);
