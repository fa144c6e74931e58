// An operator copies an older ledger over the present one while the daemon runs.
import { copyFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { attack, onlyBanned } from '../lib/attack.mjs';
import { crash, hit, sql } from '../lib/ledger.mjs';

await attack(
  'an older copy over the ledger lifts no ban',
  async (world) => {
    await hit(world, ['203.0.113.1'], 1);
    sql(world, 'PRAGMA wal_checkpoint(TRUNCATE)');
    copyFileSync(world.state, `${world.state}.copy`);
    await hit(world, ['203.0.113.2'], 2, 2);
    sql(world, 'PRAGMA wal_checkpoint(TRUNCATE)');
    await sleep(6000); // The daemon looks at its files every five seconds, and takes the last change for a commit of another program.
    copyFileSync(`${world.state}.copy`, world.state);
    await world.ban(['198.51.100.1']);
    const all = ['198.51.100.1', '203.0.113.1', '203.0.113.2'];
    await onlyBanned(world, all);
    await crash(world);
    await onlyBanned(world, all);
  },
  { config: 'sync: 1h' },
);
