// A client hides a second request in the body of the first request, or after a body that is longer than announced.
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { banOf, exchange, request } from '../lib/control-socket.mjs';

await attack('only the outer request is carried out', async (world) => {
  const inner = request('POST', '/v1/bans', banOf('198.51.100.7'));
  const one = await exchange(
    world.socket,
    request('POST', '/v1/bans', `{"networks":["203.0.113.5"],"reason":${JSON.stringify(inner)}}`),
  );
  must(one.status === 200, `the request with a request in its reason: ${one.status}`);
  const body = banOf('203.0.113.6');
  const cut = `POST /v1/bans HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}${inner}`;
  const two = await exchange(world.socket, cut);
  must(two.text.split('HTTP/1.1 ').length === 2, 'a request behind the last request of a connection was answered');
  await onlyBanned(world, ['203.0.113.5', '203.0.113.6']);
});
