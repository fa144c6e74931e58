// A client sends bans and unbans of one network on one connection without waiting for an answer.
import { attack, must } from '../lib/attack.mjs';
import { banOf, exchange } from '../lib/control-socket.mjs';

await attack('the requests of one connection are carried out in the sequence in which they were sent', async (world) => {
  const body = banOf('203.0.113.5');
  const order = (method) => `${method} /v1/bans HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const orders = `${order('POST')}${order('DELETE')}`.repeat(20);
  const last = 'GET /v1/bans HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
  const { text } = await exchange(world.socket, `${orders}${order('POST')}${last}`);
  const answers = text.split('HTTP/1.1 ').slice(1);
  must(answers.length === 42, `${answers.length} answers came instead of 42`);
  must(
    answers.every((answer) => answer.startsWith('200')),
    'an order was refused',
  );
  const bans = await world.bans();
  must(bans.length === 1 && world.firewall().has('203.0.113.5'), `the last request does not count: ${JSON.stringify(bans)}`);
});
