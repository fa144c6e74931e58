// Somebody deletes the write-ahead log ten times a second while hits and bans by hand arrive, and kills the daemon later. While nothing is written, the
// daemon checks its files every five seconds. A kill within this time after the last deletion would lose the last ban by hand.
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { attack, onlyBanned, slowness } from '../lib/attack.mjs';
import { crash, hit, meanwhile } from '../lib/ledger.mjs';

await attack('no ban is lost when the write-ahead log is deleted again and again', async (world) => {
  const all = [];
  await meanwhile(
    () => rmSync(`${world.state}-wal`, { force: true }),
    async () => {
      for (let last = 1; last <= 20; last += 1) {
        await world.ban([`198.51.100.${last}`]);
        await hit(world, [`203.0.113.${last}`], last, last);
        all.push(`198.51.100.${last}`, `203.0.113.${last}`);
      }
    },
    100,
  );
  await onlyBanned(world, all);
  await sleep(6_000 * slowness());
  await crash(world);
  await onlyBanned(world, all);
});
