// `trapline ban -` waits for networks from a pipe; it is interrupted before the end of its input.
import { setTimeout as sleep } from 'node:timers/promises';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { begin } from '../lib/signals.mjs';

await attack('an interrupted `ban -` has banned nothing', async (world) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL', 'SIGPIPE']) {
    const { child, ended } = begin(world, ['ban', '-']);
    child.stdin.write('203.0.113.1\n203.0.113.2\n203.0.1');
    await sleep(600);
    child.kill(signal === 'SIGPIPE' ? 'SIGTERM' : signal);
    if (signal === 'SIGPIPE') child.kill(signal);
    const { stdout, stderr } = await ended;
    must(stdout === '' && stderr === '', `${signal}: ${stdout}${stderr}`);
  }
  await onlyBanned(world, []);
});
