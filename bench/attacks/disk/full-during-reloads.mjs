// The disk is full while reloads change the rules, the bantime and the sources.
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';
import { inFirewall, waiting, withDisk } from '../lib/disk.mjs';
import { hit, recorded } from '../lib/ledger.mjs';

await attack(
  'reloads on a full disk take effect and lose no hit of any source',
  async (world) => {
    await withDisk(world, 'size=6m', async (disk) => {
      await world.start();
      await hit(world, ['203.0.113.1'], 1);
      disk.fill();
      world.write(trapLine('203.0.113.2', { number: 2 }));
      await waiting(world, 1);
      const second = join(world.folder, 'second.log');
      writeFileSync(second, trapLine('203.0.113.3', { number: 3 }));
      world.configure(`sources: [{ type: file, path: '${second}', from: start }]\ndefaults: { maxretry: 2, findtime: 1h }`);
      await world.reload();
      appendFileSync(second, trapLine('203.0.113.4', { number: 4 }));
      await waiting(world, 3);
      must(!world.holds(['203.0.113.3']) && !world.holds(['203.0.113.4']), 'the new rule is not in use');
      world.configure('defaults: { maxretry: 2, findtime: 1h }');
      await world.reload();
      world.write(trapLine('203.0.113.4', { number: 5 }));
      await inFirewall(world, ['203.0.113.4']);
      disk.free();
      await recorded(world, 5);
      const verdicts = disk.sql(
        world.state,
        "SELECT group_concat(substr(address, 11) || verdict, ' ') FROM (SELECT * FROM hits ORDER BY id)",
      );
      must(verdicts === '1ban 2ban 3watch 4watch 4ban', verdicts);
      world.configure('');
      await world.reload();
    });
  },
  { started: false },
);
