// Somebody removes the file of the control socket, and commands are given at once. The daemon makes the socket again within five seconds. Until
// then, commands are refused.
import { rmSync } from 'node:fs';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, slowness } from '../lib/attack.mjs';
import { mustFail, trapline } from '../lib/control-socket.mjs';

await attack('a daemon makes its socket again, and no command changes its ledger behind its back', async (world) => {
  rmSync(world.socket);
  world.write(trapLine('203.0.113.5'));
  await eventually('the client is banned', () => world.holds(['203.0.113.5']));
  const places = ['--config', world.config, '--state', world.state, '--socket', world.socket];
  const ban = await trapline(world, ['ban', ...places, '203.0.113.6']);
  if (ban.code !== 0) mustFail(ban, [69], 'ban');
  must(world.holds(['203.0.113.6']) === (ban.code === 0), `ban ended with ${ban.code}, and the firewall has something else`);
  mustFail(await trapline(world, ['run', ...places]), [69], 'run');
  await eventually('the socket is back', () => world.status().catch(() => undefined), 10_000 * slowness());
  const late = await trapline(world, ['ban', ...places, '203.0.113.7']);
  must(late.code === 0 && world.holds(['203.0.113.7']), `a ban on the new socket ended with ${late.code}: ${late.err}`);
});
