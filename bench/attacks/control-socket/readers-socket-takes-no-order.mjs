// A reader sends every request that changes something to the readers' socket.
import { join } from 'node:path';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { banOf, exchange, hitLine, request } from '../lib/control-socket.mjs';

await attack(
  "no request on the readers' socket changes anything",
  async (world) => {
    const readers = join(world.folder, 'readers.sock');
    world.configure(`control: { readers: nogroup, readers_socket: '${readers}' }`);
    await world.start();
    await world.ban(['203.0.113.5']);
    const body = banOf('203.0.113.6');
    const order = request('POST', '/v1/bans', body);
    const tries = [
      order,
      request('DELETE', '/v1/bans', '{"all":true}'),
      request('POST', '/v1/reload'),
      request('POST', '/v1/hits?from-now=1', hitLine('203.0.113.6')),
      request('GET', '/v1/bans', body, `X-HTTP-Method-Override: POST\r\nContent-Length: ${body.length}\r\n`),
      request('GET', '/v1/bans?_method=DELETE', body),
      request('GET', '/v1/bans', order),
      `${request('GET', '/v1/status').replace('Connection: close\r\n', '')}${order}`,
      `GET /v1/status HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n\r\n${order}`,
      `CONNECT ${world.socket} HTTP/1.1\r\nHost: x\r\n\r\n${order}`,
    ];
    for (const bytes of tries) {
      const { text } = await exchange(readers, bytes);
      must(/HTTP\/1\.1 [24]\d\d /.test(text), `no answer to ${bytes.slice(0, 60)}: ${text.slice(0, 100)}`);
    }
    await onlyBanned(world, ['203.0.113.5']);
  },
  { started: false },
);
