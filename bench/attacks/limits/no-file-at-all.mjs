// The daemon is started with RLIMIT_FSIZE=0, so that it cannot write a byte to any file.
import { attack, must } from '../lib/attack.mjs';
import { isOneLine, trapline } from '../lib/limits.mjs';

await attack(
  'a daemon that cannot write a byte ends with one line that names the reason',
  async (world) => {
    world.before = ['prlimit', '--fsize=0:0', '--'];
    const { code, stderr } = await trapline(world, [
      'run',
      '--config',
      world.config,
      '--state',
      world.state,
      '--socket',
      world.socket,
    ]);
    must(code === 69 && isOneLine(stderr) && stderr.includes(world.state), `${code}: ${stderr}`);
  },
  { started: false, after: false },
);
