// Another program puts its own socket in the place of the control socket; then the daemon stops and starts.
import { existsSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { attack, must } from '../lib/attack.mjs';
import { answering, mustFail, standIn, trapline } from '../lib/control-socket.mjs';

await attack('the socket of another program is neither removed nor replaced', async (world) => {
  rmSync(world.socket);
  const end = await standIn(world.socket, answering(200, '{"pid":"7\\u001b[2J"}'));
  const { code } = await world.stop();
  must(code === 0 && existsSync(world.socket), 'the stop removed a foreign socket');
  const child = world.spawn();
  await once(child, 'exit');
  must(child.exitCode === 69, `the start ended with ${child.exitCode}`);
  must(existsSync(world.socket), 'the start removed a foreign socket');
  mustFail(await trapline(world, ['run', '--config', world.config, '--state', world.state, '--socket', world.socket]), [69], 'run');
  end();
  rmSync(world.socket, { force: true });
  await world.start();
});
