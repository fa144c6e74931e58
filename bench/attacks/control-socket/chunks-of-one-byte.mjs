// A client sends a ban in chunks of one byte, each with an extension, and with trailers.
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { banOf, exchange, request } from '../lib/control-socket.mjs';

await attack('a body in chunks of one byte is read whole', async (world) => {
  const body = banOf('203.0.113.5', '2001:db8:5::/64');
  const chunks = body
    .split('')
    .map((byte) => `1;a="b"\r\n${byte}\r\n`)
    .join('');
  const bytes = request('POST', '/v1/bans', `${chunks}0\r\nExpires: 0\r\nX: y\r\n\r\n`, 'Transfer-Encoding: chunked\r\n');
  const { status } = await exchange(world.socket, bytes);
  must(status === 200, `answered with ${status}`);
  await onlyBanned(world, ['203.0.113.5', '2001:db8:5::/64']);
});
