// Thirty commands list the bans directly from the ledger while the daemon writes thousands of bans.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { attack, must } from '../lib/attack.mjs';

await attack('each listing shows the ledger as it was at one moment', async (world) => {
  const places = ['--config', world.config, '--state', world.state, '--socket', `${world.socket}.none`];
  const [program, ...args] = world.inside(...world.program, 'bans', '--json', ...places);
  const list = async () => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = once(child, 'close');
    const text = Buffer.concat(await child.stdout.toArray()).toString();
    const [code] = await ended;
    must(code === 0, `a listing ended with ${code}`);
    return JSON.parse(text).length;
  };
  for (let round = 0; round < 10; round += 1) {
    const lists = [list(), list(), list()];
    await world.ban(Array.from({ length: 1000 }, (_, index) => `2001:db8:${round}:${index.toString(16)}::/64`));
    for (const length of await Promise.all(lists))
      must(length % 1000 === 0 && length <= 1000 * (round + 1), `a listing of ${length}`);
  }
  await world.ask('DELETE', '/v1/bans', { networks: ['2001:db8::/32'] });
});
