// The daemon inherits nine hundred open descriptors from the program that starts it, with a limit of 1024.
import { readdirSync } from 'node:fs';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { children } from '../lib/limits.mjs';

const OPEN =
  'import os, resource, sys\nresource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024))\nfor n in range(900): os.set_inheritable(os.open("/dev/null", 0), True)\nos.execvp(sys.argv[1], sys.argv[1:])';

await attack(
  'a daemon with nine hundred inherited descriptors bans, and its programs inherit none of them',
  async (world) => {
    world.before = ['python3', '-c', OPEN];
    await world.start();
    world.write(trapLine('203.0.113.1'));
    await onlyBanned(world, ['203.0.113.1'], 10_000);
    for (const child of children(world)) {
      const count = readdirSync(`/proc/${child}/fd`).length;
      must(count < 100, `a program of the daemon has ${count} descriptors`);
    }
  },
  { started: false },
);
