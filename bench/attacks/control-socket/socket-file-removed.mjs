// Somebody removes the file of the control socket.
import { rmSync } from 'node:fs';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, slowness } from '../lib/attack.mjs';
import { mustFail, trapline } from '../lib/control-socket.mjs';

await attack(
  'a daemon without its socket goes on, and no command changes the ledger while the daemon runs',
  async (world) => {
    rmSync(world.socket);
    world.write(trapLine('203.0.113.5'));
    await eventually('the client is banned', () => world.holds(['203.0.113.5']));
    const places = ['--config', world.config, '--state', world.state, '--socket', world.socket];
    mustFail(await trapline(world, ['ban', ...places, '203.0.113.6']), [69], 'ban');
    mustFail(await trapline(world, ['status', ...places]), [69], 'status');
    mustFail(await trapline(world, ['run', ...places]), [69], 'run');
    must(!world.holds(['203.0.113.6']), 'a refused command changed the firewall');
    world.write(trapLine('203.0.113.7', { number: 7 }));
    await eventually('a further client is banned', () => world.holds(['203.0.113.5', '203.0.113.7']));
    const { code, took } = await world.stop();
    must(code === 0 && took < 2500 * slowness(), `the stop ended with ${code} after ${Math.round(took)} ms`);
  },
  { after: false },
);
