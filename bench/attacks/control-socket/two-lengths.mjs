// A client sends a body with two lengths, or with a wrong length, which two HTTP parsers would read as two different requests.
import { attack, onlyBanned } from '../lib/attack.mjs';
import { banOf, exchange, mustRefuse, request } from '../lib/control-socket.mjs';

await attack('a body with two lengths or a wrong length changes nothing', async (world) => {
  const body = banOf('203.0.113.5');
  const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  const heads = [
    [`Content-Length: ${body.length}\r\nTransfer-Encoding: chunked\r\n`, chunked],
    [`Transfer-Encoding: chunked\r\nContent-Length: ${chunked.length}\r\n`, chunked],
    [`Content-Length: ${body.length}\r\nContent-Length: ${body.length + 1}\r\n`, body],
    [`Content-Length: ${body.length}, ${body.length}\r\n`, body],
    [`Content-Length: +${body.length}\r\n`, body],
    [`Content-Length: 0x${body.length.toString(16)}\r\n`, body],
    ['Content-Length: -1\r\n', body],
    ['Content-Length: 99999999999999999999\r\n', body],
    ['Transfer-Encoding: chunked, identity\r\n', chunked],
    ['Transfer-Encoding: xchunked\r\n', chunked],
    ['Transfer-Encoding : chunked\r\n', chunked],
    ['Transfer-Encoding: chunked\r\n', `fffffffffffffffff\r\n${body}`],
    ['Transfer-Encoding: chunked\r\n', `-1\r\n${body}`],
    [`Content-Length: ${body.length}\r\n folded: 1\r\n`, body],
  ];
  for (const [head, bytes] of heads)
    mustRefuse(await exchange(world.socket, request('POST', '/v1/bans', bytes, head)), 400, head.trim());
  await onlyBanned(world, []);
});
