// Somebody removes the readers' socket; a reader then uses the commands with the configuration. The daemon makes the socket again within five
// seconds. Until then, the reader is refused.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, must, slowness } from '../lib/attack.mjs';
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
    must(code === 0 || (code === 77 && err.split('\n').length === 2), `without the socket: ended with ${code}: ${err}`);
    const again = async () => (await trapline(world, ['bans', '--config', world.config])).code === 0;
    await eventually("the readers' socket is back", again, 10_000 * slowness());
    world.before = [];
    const { code: own } = await trapline(world, ['bans', '--config', world.config]);
    must(own === 0, `root: ended with ${own}`);
  },
  { started: false },
);
