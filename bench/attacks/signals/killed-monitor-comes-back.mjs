// Somebody kills `nft monitor`; later another program flushes the firewall.
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned, slowness } from '../lib/attack.mjs';
import { programsOf } from '../lib/signals.mjs';

await attack(
  'a killed monitor is started again, and a flush is noticed long before the next periodic comparison',
  async (world) => {
    await world.ban(['203.0.113.1']);
    const monitors = () => programsOf(world.child.pid).filter(({ argv }) => argv.startsWith('nft monitor'));
    const [first] = monitors();
    process.kill(first.pid, 'SIGKILL');
    await eventually('another monitor', () => monitors().some(({ pid }) => pid !== first.pid), 10_000 * slowness());
    must(monitors().length === 1, 'two monitors run');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    world.run('nft', 'flush', 'ruleset');
    await eventually('the ban is back', () => world.holds(['203.0.113.1']), 15_000 * slowness());
    await onlyBanned(world, ['203.0.113.1']);
  },
  { config: 'sync: 1d' },
);
