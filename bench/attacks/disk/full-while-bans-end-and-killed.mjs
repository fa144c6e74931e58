// While the disk is full, bans in the ledger and bans in memory end, and the daemon is killed before there is room.
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { inFirewall, withDisk } from '../lib/disk.mjs';
import { hit, recorded } from '../lib/ledger.mjs';

await attack(
  'a ban that ended while the disk was full is not set again after a kill',
  async (world) => {
    await withDisk(world, 'size=6m', async (disk) => {
      await world.start();
      await hit(world, ['203.0.113.1'], 1);
      disk.fill();
      world.write(trapLine('203.0.113.2', { number: 2 }));
      await inFirewall(world, ['203.0.113.2']);
      await eventually('both bans end', () => world.firewall().size === 0);
      await world.kill();
      disk.free();
      await world.start();
      await recorded(world, 2);
      await onlyBanned(world, []);
      must(disk.sql(world.state, 'SELECT count(*) FROM offences') === '2', 'an offence is missing');
    });
  },
  { started: false, after: false, config: 'defaults: { bantime: 4s }' },
);
