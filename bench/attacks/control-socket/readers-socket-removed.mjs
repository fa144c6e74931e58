// Somebody removes the readers' socket; then a reader and root run `trapline bans`.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { attack, must } from '../lib/attack.mjs';
import { trapline } from '../lib/control-socket.mjs';

await attack(
  "without the readers' socket the socket of the commands still serves everybody who may use it",
  async (world) => {
    const readers = join(world.folder, 'readers.sock');
    world.configure(
      `state: '${world.state}'\ncontrol: { socket: '${world.socket}', readers: nogroup, readers_socket: '${readers}' }`,
    );
    await world.start();
    await world.ban(['203.0.113.5']);
    for (const user of ['root', 'nobody']) {
      world.before = user === 'root' ? [] : ['setpriv', '--reuid=nobody', '--regid=nogroup', '--clear-groups'];
      world.run('chmod', '755', world.folder);
      const { code, out, err } = await trapline(world, ['bans', '--config', world.config]);
      must(code === 0 && out.includes('203.0.113.5'), `${user}: ended with ${code}: ${err}`);
    }
    rmSync(readers);
    const { code, err } = await trapline(world, ['bans', '--config', world.config]);
    must(code === 77 && err.split('\n').length === 2, `without the socket: ended with ${code}: ${err}`);
    world.before = [];
    const { code: own } = await trapline(world, ['bans', '--config', world.config]);
    must(own === 0, `root: ended with ${own}`);
  },
  { started: false },
);
