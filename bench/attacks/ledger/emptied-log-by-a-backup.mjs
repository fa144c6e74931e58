// A backup program makes one checkpoint of the write-ahead log after another while hits and unbans arrive.
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { crash, hit, hitsOf, meanwhile, sql } from '../lib/ledger.mjs';

await attack(
  'a backup program causes no lifted ban to be set again and no hit to be lost',
  async (world) => {
    const rest = [];
    await meanwhile(
      () => sql(world, `PRAGMA wal_checkpoint(TRUNCATE); VACUUM INTO '${world.folder}/${Math.random()}.bak'`),
      async () => {
        for (let last = 1; last <= 20; last += 1) {
          await hit(world, [`203.0.113.${last}`], last, last);
          if (last % 2 === 0) await world.unban([`203.0.113.${last}`]);
          else rest.push(`203.0.113.${last}`);
        }
      },
    );
    await onlyBanned(world, rest);
    must(hitsOf(world).length === 20, `${hitsOf(world).length} hits`);
    await crash(world);
    await onlyBanned(world, rest);
  },
  { config: 'sync: 1s' },
);
