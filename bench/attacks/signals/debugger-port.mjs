// An operator sends SIGUSR1, which makes some programs open their log again, but makes Node open a port for a debugger.
import { setTimeout as sleep } from 'node:timers/promises';
import { attack, must } from '../lib/attack.mjs';
import { begin } from '../lib/signals.mjs';

await attack('SIGUSR1 opens no port, neither in the daemon nor in a command', async (world) => {
  for (let time = 0; time < 20; time += 1) world.child.kill('SIGUSR1');
  const { child, ended } = begin(world, ['ban', '-']);
  await sleep(1000);
  child.kill('SIGUSR1');
  await sleep(500);
  const ports = world.run('ss', '-Htlnu');
  must(ports === '', `ports are open: ${ports}`);
  must(!world.said.includes('ebugger'), world.said);
  child.stdin.end('203.0.113.1\n');
  const { code, stderr } = await ended;
  must(code === 0 && stderr === '', `ban ends with ${code}: ${stderr}`);
});
