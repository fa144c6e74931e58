// /proc is hidden from the daemon, as in a minimal container.
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';

await attack(
  'a daemon without /proc bans clients, and never the machine itself',
  async (world) => {
    world.run('ip', 'address', 'add', '203.0.113.77/24', 'dev', 'lo');
    world.before = ['unshare', '--mount', 'sh', '-c', 'mount --make-rprivate / && mount -t tmpfs tmpfs /proc && exec "$@"', 'sh'];
    await world.start();
    world.write(trapLine('203.0.113.1'), trapLine('203.0.113.77', { number: 2 }), trapLine('127.0.0.1', { number: 3 }));
    await onlyBanned(world, ['203.0.113.1']);
    await world.reload();
    must(!/ {4}at /.test(world.said), world.said);
  },
  { started: false },
);
