// One client sends a ban at one byte a second, and a second client sends an endless body in small chunks.
import { attack, must, onlyBanned, slowness } from '../lib/attack.mjs';
import { banOf, mustRefuse, answerIn, open, request } from '../lib/control-socket.mjs';

await attack('a body that takes too long or gets too long is refused', async (world) => {
  const body = banOf('203.0.113.5');
  const slow = open(world.socket, request('POST', '/v1/bans', '', `Content-Length: ${body.length}\r\n`));
  const large = open(world.socket, request('POST', '/v1/bans', '', 'Transfer-Encoding: chunked\r\n'));
  let sent = 0;
  const timers = [
    setInterval(() => sent < body.length - 1 && slow.socket.writable && slow.socket.write(body[sent++]), 1000),
    setInterval(
      () =>
        large.socket.writable && large.socket.writableLength < 100_000 && large.socket.write(`4000\r\n${' '.repeat(0x4000)}\r\n`),
      5,
    ),
  ];
  try {
    const begun = performance.now();
    const texts = await Promise.all([slow.closed, large.closed]);
    mustRefuse({ ...answerIn(texts[0]), text: texts[0] }, 408, 'the slow body');
    mustRefuse({ ...answerIn(texts[1]), text: texts[1] }, 413, 'the large body');
    must(performance.now() - begun < 15_000 * slowness(), 'a connection stayed open for long');
  } finally {
    for (const timer of timers) clearInterval(timer);
  }
  await onlyBanned(world, []);
});
