// Somebody stops `nft monitor` with SIGSTOP and then deletes the table of the daemon.
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned, slowness } from '../lib/attack.mjs';
import { programsOf } from '../lib/signals.mjs';

await attack(
  'with a stopped monitor the next comparison restores the bans',
  async (world) => {
    await world.ban(['203.0.113.1', '203.0.113.2']);
    const monitor = programsOf(world.child.pid).find(({ argv }) => argv.startsWith('nft monitor'));
    must(monitor, 'no monitor runs');
    process.kill(monitor.pid, 'SIGSTOP');
    world.run('nft', 'delete', 'table', 'inet', 'trapline');
    await eventually('the bans are back', () => world.holds(['203.0.113.1', '203.0.113.2']), 15_000 * slowness());
    await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
  },
  { config: 'sync: 2s' },
);
