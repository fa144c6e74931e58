// Commands that ban without a daemon, and the start of a daemon, compete for the ledger.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { attack, must } from '../lib/attack.mjs';

await attack(
  'each ban of a command that succeeded is in force, whichever program wrote it',
  async (world) => {
    const places = ['--config', world.config, '--state', world.state, '--socket', world.socket];
    const ban = async (address) => {
      const [program, ...args] = world.inside(...world.program, 'ban', address, ...places);
      const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
      let said = '';
      child.stderr.on('data', (text) => (said += String(text)));
      const [code] = await once(child, 'close');
      must(code === 0 || /^trapline: [^\n]+\n$/.test(said), `${code}: ${said}`);
      return code === 0 ? address : undefined;
    };
    const orders = Array.from({ length: 8 }, (_, index) => ban(`203.0.113.${index + 1}`));
    await world.start(30_000).catch(() => {});
    const done = (await Promise.all(orders)).filter((address) => address !== undefined);
    if (world.child.exitCode !== null) await world.start();
    const listed = new Set((await world.bans()).map(({ network }) => network));
    must(
      done.every((address) => listed.has(address) && world.holds([address])),
      `of ${done.join()} not in force: ${done.filter((address) => !listed.has(address)).join()}`,
    );
  },
  { started: false },
);
