// The daemon may not write a byte to a file (RLIMIT_FSIZE 0), first at its very first start and then at a later start.
import { attack } from '../lib/attack.mjs';
import { hit, refusesStart } from '../lib/ledger.mjs';

await attack(
  'a start that may write no byte is refused in one line',
  async (world) => {
    world.before = ['prlimit', '--fsize=0'];
    await refusesStart(world, /trapline\.db(-lock)?: .*(make room on its disk|check its disk and path)/);
    world.before = [];
    await world.start();
    await hit(world, ['203.0.113.1'], 1);
    await world.stop();
    world.before = ['prlimit', '--fsize=0'];
    await refusesStart(world, /trapline\.db(-lock)?: .*(make room on its disk|check its disk and path)/);
    world.before = [];
    await world.start();
  },
  { started: false },
);
