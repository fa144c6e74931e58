// While the disk is full, two banned clients are added to the allow-list: the ban of one is only in memory, the ban of the other in the ledger.
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { inFirewall, withDisk } from '../lib/disk.mjs';
import { hit, recorded } from '../lib/ledger.mjs';

await attack(
  'a client that is allow-listed while the disk is full is unbanned as soon as there is room, and stays unbanned',
  async (world) => {
    await withDisk(world, 'size=6m', async (disk) => {
      await world.start();
      await hit(world, ['198.51.100.1', '203.0.113.1'], 2);
      disk.fill();
      world.write(trapLine('198.51.100.2', { number: 2 }), trapLine('203.0.113.2', { number: 3 }));
      await inFirewall(world, ['198.51.100.2', '203.0.113.2']);
      world.configure('defaults: { ignoreip: [198.51.100.0/24] }');
      await world.reload();
      world.write(trapLine('198.51.100.3', { number: 4 }));
      await eventually('the third is spared', async () => (await world.status()).unwritten === 3);
      must(!world.holds(['198.51.100.3']), 'an allow-listed client is banned');
      disk.free();
      await recorded(world, 5);
      await onlyBanned(world, ['203.0.113.1', '203.0.113.2'], 15_000);
      await world.kill();
      await world.start();
      await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
    });
  },
  { started: false },
);
