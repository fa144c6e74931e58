// Before the start, the write-ahead log and its index are folders.
import { mkdirSync, rmSync } from 'node:fs';
import { attack } from '../lib/attack.mjs';
import { refusesStart } from '../lib/ledger.mjs';

await attack(
  'a folder in the place of a journal is refused in one line',
  async (world) => {
    await world.stop();
    for (const suffix of ['-wal', '-shm']) {
      for (const name of ['-wal', '-shm']) rmSync(`${world.state}${name}`, { force: true, recursive: true });
      mkdirSync(`${world.state}${suffix}`);
      await refusesStart(world, /trapline\.db: [^\n]+, (check its disk and path|run as root|it is damaged)/);
    }
  },
  { after: false },
);
