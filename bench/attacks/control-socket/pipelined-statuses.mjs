// A client sends two thousand requests on one connection before it reads any answer.
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';
import { open } from '../lib/control-socket.mjs';

await attack('each of two thousand requests on one connection is answered', async (world) => {
  const count = 2000;
  const client = open(world.socket);
  client.socket.pause();
  client.socket.write('GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(count));
  await sleep(500);
  client.socket.resume();
  const answers = () => client.received().split('HTTP/1.1 200 OK').length - 1;
  await eventually('all answers came', () => answers() === count, 40_000);
  client.socket.destroy();
  must(!client.received().includes('HTTP/1.1 4'), 'a request was refused');
});
