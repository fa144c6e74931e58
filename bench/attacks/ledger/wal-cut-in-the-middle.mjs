// Somebody truncates the write-ahead log in the middle of a frame while the daemon runs.
import { statSync, truncateSync } from 'node:fs';
import { attack, onlyBanned } from '../lib/attack.mjs';
import { crash, hit } from '../lib/ledger.mjs';

await attack(
  'no ban is lifted when the write-ahead log is truncated',
  async (world) => {
    await hit(world, ['203.0.113.1'], 1);
    await world.ban(['198.51.100.1']);
    truncateSync(`${world.state}-wal`, Math.floor(statSync(`${world.state}-wal`).size / 2) + 7);
    await world.ban(['198.51.100.2']);
    await onlyBanned(world, ['198.51.100.1', '198.51.100.2', '203.0.113.1']);
    await crash(world);
    await onlyBanned(world, ['198.51.100.1', '198.51.100.2', '203.0.113.1']);
  },
  { config: 'sync: 1s' },
);
