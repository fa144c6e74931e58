// The disk of the ledger is read-only at three starts: without a ledger, with a ledger of this release, and after a kill.
import { attack, must } from '../lib/attack.mjs';
import { withDisk } from '../lib/disk.mjs';
import { command, hit } from '../lib/ledger.mjs';
import { eventually } from '../../../test/support/faults/daemon.mjs';

await attack(
  'a start on a read-only disk ends with one line and exit code 77, and `bans` still lists the bans',
  async (world) => {
    await withDisk(world, 'size=6m', async (disk) => {
      const folder = `${world.folder}/state`;
      const refused = async () => {
        disk.run('mount', '-o', 'remount,ro', folder);
        world.said = '';
        const child = world.spawn();
        await eventually('the daemon ends', () => child.exitCode !== null || child.signalCode !== null);
        must(
          child.exitCode === 77 && /^[^\n]*trapline\.db(-lock)?: [^\n]+\n$/.test(world.said),
          `${child.exitCode}: ${world.said}`,
        );
        const { status, stdout, stderr } = command(world, ['bans', '--json'], { before: disk.inside });
        disk.run('mount', '-o', 'remount,rw', folder);
        must(status === 0, stderr);
        return JSON.parse(stdout).length;
      };
      must((await refused()) === 0, 'bans are listed without a ledger');
      await world.start();
      await hit(world, ['203.0.113.1'], 1);
      await world.kill();
      must((await refused()) === 1, 'after a kill the ban is not listed');
      await world.start();
      await world.stop();
      must((await refused()) === 1, 'after a stop the ban is not listed');
      await world.start();
    });
  },
  { started: false },
);
