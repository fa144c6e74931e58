// A client uses every method and form of a target that HTTP knows.
import { METHODS } from 'node:http';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { exchange, request } from '../lib/control-socket.mjs';

await attack('only the known methods and paths change anything', async (world) => {
  await world.ban(['203.0.113.5']);
  const targets = [
    '/v1/bans',
    '*',
    'http://x/v1/bans',
    '//v1/bans',
    '/v1/bans/',
    '/V1/bans',
    '/v1/%62ans',
    '/v1/../v1/bans',
    '/v1/bans#x',
    '/constructor',
    '/__proto__',
  ];
  const known = new Set(['GET /v1/bans', 'POST /v1/bans', 'DELETE /v1/bans']);
  for (const method of METHODS) {
    for (const target of targets) {
      if (known.has(`${method} ${target}`)) continue;
      const bytes = request(
        method,
        target,
        '{"all":true,"networks":["203.0.113.9"]}',
        'Upgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 39\r\n',
      );
      const { text } = await exchange(
        world.socket,
        bytes.replace('Connection: close\r\n', '').replace('Connection: Upgrade', 'Connection: close, Upgrade'),
      );
      must(/^HTTP\/1\.1 (?:400|404|405) /.test(text), `${method} ${target}: ${text.slice(0, 120)}`);
    }
  }
  await onlyBanned(world, ['203.0.113.5']);
});
