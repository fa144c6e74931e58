// Sets up one machine before the tests, exactly as the README describes, with the packed tarball. Each test file starts with a copy of its disk.
import { cpSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DEBIAN, makeMailServer } from './bare.ts';
import { Machine, RUN } from './machine.ts';
import { fetchFor, lendCache, pack } from './packages.ts';
import { blocksBelow } from './readme.ts';

/** Packs the checkout, sets up a machine with the tarball, and shuts the machine down. Its disk is the folder `installed` of the run. */
export async function setup(): Promise<void> {
  const tarball = pack();
  const machine = new Machine(DEBIAN, join(RUN, 'half'));
  try {
    makeMailServer(machine.disk);
    cpSync(tarball, join(machine.disk, 'root', basename(tarball)));
    fetchFor(tarball);
    const environment = lendCache(machine.disk);
    await machine.start();
    // test/system/readme.test.ts compiles and packs on the machine. This machine gets the tarball of the host, which takes less time.
    const [, units = ''] = blocksBelow('2. Install');
    const install = `(umask 022; npm install --global ./${basename(tarball)})`;
    // The files are installed with the umask 077, which shows that the user of the daemon can read them even then.
    const script = ['umask 077', ...blocksBelow('1. Set a trap'), install, units].join('\n');
    await machine.must('env', '--chdir=/root', ...environment, 'bash', '--norc', '-e', '-c', script);
    await machine.stop();
    renameSync(machine.disk, join(RUN, 'installed'));
  } finally {
    await machine.remove();
  }
}
