// A client sends bodies that are not JSON in UTF-8: gzip, UTF-16, a byte order mark, half a character, digits of another script.
import { gzipSync } from 'node:zlib';
import { attack, onlyBanned } from '../lib/attack.mjs';
import { banOf, exchange, mustRefuse, request } from '../lib/control-socket.mjs';

await attack('a body that is not JSON in UTF-8 is refused and sets no ban', async (world) => {
  const body = banOf('203.0.113.5');
  const coded = {
    gzip: [gzipSync(body), 'Content-Encoding: gzip\r\n'],
    'UTF-16': [Buffer.from(body, 'utf16le'), 'Content-Type: application/json; charset=utf-16\r\n'],
    'a byte order mark': [Buffer.from(`\ufeff${body}`), ''],
    'half a character': [
      Buffer.concat([Buffer.from('{"networks":["203.0.113.5'), Buffer.from([0xe2, 0x80]), Buffer.from('"]}')]),
      '',
    ],
    'digits of another script': [Buffer.from(banOf('203.0.113.\u0665', '\uff12\uff10\uff13.0.113.5')), ''],
  };
  for (const [what, [bytes, headers]] of Object.entries(coded)) {
    const head = request('POST', '/v1/bans', '', `${String(headers)}Content-Length: ${bytes.length}\r\n`);
    mustRefuse(await exchange(world.socket, Buffer.concat([Buffer.from(head), bytes])), 400, what);
  }
  await onlyBanned(world, []);
});
