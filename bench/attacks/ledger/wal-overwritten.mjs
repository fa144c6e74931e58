// Somebody writes random bytes over the frames of the write-ahead log while the daemon runs.
import { randomBytes } from 'node:crypto';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { crash, hit, overwrite } from '../lib/ledger.mjs';

await attack(
  'when the write-ahead log is overwritten, the daemon goes on and lifts no ban',
  async (world) => {
    await hit(world, ['203.0.113.1'], 1);
    await world.ban(['198.51.100.1']);
    overwrite(`${world.state}-wal`, 4096, randomBytes(20_000));
    await world.ban(['198.51.100.2']);
    await onlyBanned(world, ['198.51.100.1', '198.51.100.2', '203.0.113.1']);
    await crash(world);
    await onlyBanned(world, ['198.51.100.1', '198.51.100.2', '203.0.113.1']);
    must(!/\n\s+at /.test(world.said), 'the log has a stack');
  },
  { config: 'sync: 1s' },
);
