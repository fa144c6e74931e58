// The notification socket exists, but no program reads from it, so that each notification blocks.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';

const DEAF = 'use Socket; socket(my $s, AF_UNIX, SOCK_DGRAM, 0); bind($s, sockaddr_un($ARGV[0])); print "\\n"; sleep 600';

await attack(
  'notifications that block delay neither bans nor the stop, and hits right before the stop are recorded',
  async (world) => {
    const path = join(world.folder, 'notify');
    const deaf = spawn('perl', ['-e', `$| = 1; ${DEAF}`, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await new Promise((resolve) => deaf.stdout.once('data', resolve));
      world.before = ['env', `NOTIFY_SOCKET=${path}`, 'WATCHDOG_USEC=500000'];
      await world.start();
      world.write(trapLine('203.0.113.1'));
      await onlyBanned(world, ['203.0.113.1']);
      await sleep(7000); // READY=1 waits for five seconds.
      world.write(trapLine('203.0.113.2', { number: 2 }));
      const { code, took } = await world.stop();
      must(code === 0 && took < 25_000, `the stop ended with ${code} after ${took} ms`);
      must(!/\n\s+at |bug/.test(world.said), world.said);
      world.before = [];
      await world.start();
      await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
      must((await world.status()).hits === 2, 'the number of hits is not two');
    } finally {
      deaf.kill('SIGKILL');
    }
  },
  { started: false },
);
