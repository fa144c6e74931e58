// A backup program empties the write-ahead log into the ledger all the time while hits and unbans come in.
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { crash, hit, hitsOf, meanwhile, sql } from '../lib/ledger.mjs';

await attack(
  'a backup program brings back no lifted ban and loses no hit',
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
