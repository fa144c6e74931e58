// The daemon writes its own log to a file on the disk of the ledger, and this disk is full.
import { closeSync, openSync } from 'node:fs';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';
import { inFirewall, waiting, withDisk } from '../lib/disk.mjs';
import { hit, recorded } from '../lib/ledger.mjs';

await attack(
  'with one full disk for the ledger and the log of the daemon, the daemon goes on and no hit is lost',
  async (world) => {
    await withDisk(world, 'size=6m', async (disk) => {
      world.outputs = openSync(disk.at(`${world.folder}/state/messages`), 'a');
      await world.start();
      closeSync(world.outputs);
      await hit(world, ['203.0.113.1'], 1);
      disk.fill();
      for (let last = 2; last <= 30; last += 1) world.write(trapLine(`203.0.113.${last}`, { number: last }));
      await inFirewall(world, ['203.0.113.30']);
      await waiting(world, 29);
      await world.reload();
      disk.free();
      await recorded(world, 30);
      must(/can be written again/.test(disk.run('cat', `${world.folder}/state/messages`)), 'later messages are missing');
    });
  },
  { started: false },
);
