// Five thousand connections are made and reset, some in the middle of a request, some in the middle of an answer.
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';
import { banOf, descriptors, open, request } from '../lib/control-socket.mjs';
import { setTimeout as sleep } from 'node:timers/promises';

await attack('after the connections are closed, the daemon uses no more descriptors and memory than before', async (world) => {
  const kinds = [
    '',
    'GET',
    request('GET', '/v1/status'),
    request('GET', '/v1/bans'),
    request('POST', '/v1/bans', banOf('203.0.113.5')),
    request('POST', '/v1/bans', '{"networks":["203.0.113.6"', 'Content-Length: 500\r\n'),
    request('POST', '/v1/hits', '', 'Transfer-Encoding: chunked\r\n'),
    request('GET', '/v1/bans', '', 'Expect: 100-continue\r\n'),
  ];
  const round = async (count) => {
    for (let number = 0; number < count; number += 1) {
      const { socket } = open(world.socket, kinds[number % kinds.length]);
      setTimeout(() => socket.destroy(), number % 40);
      if (number % 100 === 0) await sleep(20);
    }
    await sleep(200);
  };
  const before = descriptors(world);
  await round(1500);
  const { now } = world.memory();
  await round(3500);
  await eventually('all descriptors are closed', () => descriptors(world) <= before + 3);
  must(world.memory().now < now + 80, `the memory grew from ${now} to ${world.memory().now} MiB`);
  must(
    (await world.bans()).every(({ network }) => network === '203.0.113.5'),
    'an incomplete request was carried out',
  );
  await eventually('ledger and firewall are equal', () => world.firewall().size <= 1 && !world.firewall().has('203.0.113.6'));
});
