// The disk has no room to migrate the ledger of release 0.1.0 to the present schema.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { attack, must } from '../lib/attack.mjs';
import { withDisk } from '../lib/disk.mjs';
import { refusesStart } from '../lib/ledger.mjs';

const OLD = join(import.meta.dirname, '../../../test/fixtures/releases/0.1.0/trapline.db');

await attack(
  'a migration without room is refused in one line, and succeeds when there is room',
  async (world) => {
    await withDisk(world, 'size=2m', async (disk) => {
      disk.run('cp', OLD, world.state);
      const hits = disk.sql(world.state, 'SELECT count(*) FROM hits');
      disk.fill();
      await refusesStart(world, /trapline\.db(-lock)?: .*(make room on its disk|check its disk and path)/);
      disk.free();
      must(disk.sql(world.state, 'SELECT count(*) FROM hits; PRAGMA user_version') === `${hits}\n1`, 'the ledger was changed');
      must(readFileSync(disk.at(world.state)).length >= readFileSync(OLD).length, 'the ledger was cut');
      await world.start();
      must((await world.status()).hits === Number(hits), 'a hit is lost');
    });
  },
  { started: false },
);
