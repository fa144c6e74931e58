// Three thousand readers connect, and half of them ask for the list without reading it.
import { join } from 'node:path';
import { attack, must, slowness } from '../lib/attack.mjs';
import { descriptors, open, request } from '../lib/control-socket.mjs';
import { eventually } from '../../../test/support/faults/daemon.mjs';

await attack(
  'a crowd of readers delays no command and leaves no descriptor open',
  async (world) => {
    const readers = join(world.folder, 'readers.sock');
    world.configure(`control: { readers: nogroup, readers_socket: '${readers}' }`);
    await world.start();
    const before = descriptors(world);
    const clients = Array.from({ length: 3000 }, (_, index) =>
      open(readers, index % 2 ? request('GET', '/v1/bans') : 'GET /v1/st'),
    );
    for (const { socket } of clients) socket.pause();
    const begun = performance.now();
    await world.ban(['203.0.113.5']);
    must(performance.now() - begun < 3000 * slowness(), `a ban took ${Math.round(performance.now() - begun)} ms`);
    for (const { socket } of clients) socket.destroy();
    await eventually('all descriptors are closed', () => descriptors(world) <= before + 3);
  },
  { started: false },
);
