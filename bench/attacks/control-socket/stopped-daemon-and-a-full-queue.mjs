// The daemon is stopped (SIGSTOP) while five thousand clients connect, and goes on later.
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { mustFail, open, request, trapline } from '../lib/control-socket.mjs';
import { setTimeout as sleep } from 'node:timers/promises';

await attack(
  'a daemon that continues answers the waiting clients, and a client that finds the queue full gets a message that names the reason',
  async (world) => {
    world.child.kill('SIGSTOP');
    try {
      const clients = Array.from({ length: 5000 }, () => open(world.socket, request('GET', '/v1/status')));
      await sleep(500);
      mustFail(await trapline(world, ['status', '--socket', world.socket]), [69], 'status with a full queue');
      world.child.kill('SIGCONT');
      await eventually(
        'a ban is taken',
        () =>
          world.ban(['203.0.113.5']).then(
            () => true,
            () => false,
          ),
        30_000,
      );
      const texts = await Promise.all(clients.map(({ closed }) => closed));
      const answered = texts.filter((text) => text.startsWith('HTTP/1.1 200')).length;
      must(answered >= 900, `only ${answered} of the waiting clients were answered`);
    } finally {
      world.child.kill('SIGCONT');
    }
    await onlyBanned(world, ['203.0.113.5']);
  },
);
