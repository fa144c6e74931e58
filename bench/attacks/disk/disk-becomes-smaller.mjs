// The disk shrinks to the used space while the daemon writes, as when a quota is used up, and grows again later.
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';
import { inFirewall, withDisk } from '../lib/disk.mjs';
import { hit, recorded } from '../lib/ledger.mjs';

await attack(
  'a quota that is used up stops no ban and loses no hit',
  async (world) => {
    await withDisk(world, 'size=20m', async (disk) => {
      const folder = `${world.folder}/state`;
      await world.start();
      await hit(world, ['203.0.113.1'], 1);
      for (let round = 2; round <= 6; round += 1) {
        const used = disk.run('df', '--output=used', '--block-size=1024', folder).split('\n')[1].trim();
        disk.run('mount', '-o', `remount,size=${used}k`, folder);
        world.write(...Array.from({ length: 20 }, (_, index) => trapLine(`203.0.113.${round}`, { number: 100 * round + index })));
        await inFirewall(world, [`203.0.113.${round}`]);
        disk.run('mount', '-o', 'remount,size=20m', folder);
      }
      await recorded(world, 101);
      must(disk.sql(world.state, 'SELECT count(*), count(DISTINCT key) FROM hits') === '101|101', 'not 101 different hits');
    });
  },
  { started: false },
);
