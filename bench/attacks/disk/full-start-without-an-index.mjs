// The daemon was killed, a cleaner removed the index of the write-ahead log, and the disk is full when systemd starts the daemon again.
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';
import { withDisk } from '../lib/disk.mjs';
import { hit, recorded, refusesStart } from '../lib/ledger.mjs';

await attack(
  'a start without the index on a full disk is refused in one line, and a start with room finds every hit and ban',
  async (world) => {
    await withDisk(world, 'size=6m', async (disk) => {
      await world.start();
      await hit(world, ['203.0.113.1'], 1);
      await world.ban(['198.51.100.1']);
      await world.kill();
      disk.run('rm', `${world.state}-shm`);
      disk.fill();
      world.write(trapLine('203.0.113.2', { number: 2 }));
      await refusesStart(world, /trapline\.db: .*(make room on its disk|check its disk and path)/);
      disk.free();
      await world.start();
      await recorded(world, 2);
      await eventually('all are banned', () => world.holds(['198.51.100.1', '203.0.113.1', '203.0.113.2']));
      must(disk.sql(world.state, 'PRAGMA integrity_check') === 'ok', 'the ledger is damaged');
    });
  },
  { started: false },
);
