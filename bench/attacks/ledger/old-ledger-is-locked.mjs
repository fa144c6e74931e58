// A shell (sqlite3) locks the ledger of release 0.1.0 when the daemon has to migrate it.
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { attack, must } from '../lib/attack.mjs';
import { holdLock, refusesStart } from '../lib/ledger.mjs';

const OLD = join(import.meta.dirname, '../../../test/fixtures/releases/0.1.0/trapline.db');

await attack(
  'a locked old ledger is refused in one line and not changed, and a later start migrates it',
  async (world) => {
    copyFileSync(OLD, world.state);
    const before = readFileSync(world.state);
    const release = await holdLock(world, 'BEGIN EXCLUSIVE');
    await refusesStart(world, /trapline\.db: .*locked.*, end the program that holds it/);
    await release();
    must(readFileSync(world.state).equals(before), 'the file was changed');
    await world.start();
  },
  { started: false },
);
