// The stack of the daemon is 1 MiB and its configuration, requests and lines are nested deeply.
import { request } from 'node:http';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';

await attack(
  'a daemon with a small stack survives deeply nested input',
  async (world) => {
    const deep = '['.repeat(500_000);
    await new Promise((resolve) => {
      const sent = request({ socketPath: world.socket, method: 'POST', path: '/v1/bans', agent: false }, (answer) =>
        answer.resume().once('end', resolve),
      );
      sent.once('error', resolve);
      sent.end(`{"networks":${deep}`);
    });
    const before = world.config;
    world.configure(`jails: ${'{a: '.repeat(20_000)}`);
    const refused = await world.reload().then(
      () => '',
      (thrown) => thrown.message,
    );
    must(/^422: .*trapline\.yaml:\d+:\d+: .*\S/.test(refused), `the reload was answered with: ${refused}`);
    must(before === world.config, '');
    world.configure('');
    await world.reload();
    world.write(trapLine('203.0.113.1').replace('c.example.org', '<'.repeat(60_000)), trapLine('203.0.113.2', { number: 2 }));
    await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
  },
  { before: ['prlimit', '--stack=1048576:1048576', '--'] },
);
