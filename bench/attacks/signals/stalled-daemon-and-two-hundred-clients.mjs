// The daemon is stopped with SIGSTOP while two hundred clients send requests; some of them give up.
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { attack, must } from '../lib/attack.mjs';

await attack('after SIGCONT every waiting client is answered, and no descriptor of a client that gave up leaks', async (world) => {
  process.kill(world.child.pid, 'SIGSTOP');
  const answers = Array.from({ length: 150 }, () => world.status());
  for (let number = 0; number < 50; number += 1) {
    const impatient = request({ socketPath: world.socket, path: '/v1/status', agent: false });
    impatient.on('error', () => {});
    impatient.end();
    setTimeout(() => impatient.destroy(), 300);
  }
  await sleep(2500);
  process.kill(world.child.pid, 'SIGCONT');
  const all = await Promise.all(answers);
  must(
    all.every(({ pid }) => pid === world.child.pid),
    'a wrong answer',
  );
  must(!/\n\s+at /.test(world.said), world.said);
});
