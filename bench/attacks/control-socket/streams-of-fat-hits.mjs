// Twenty clients each send 999 hits of 60 KB and wait, so that no batch of 1,000 hits becomes complete.
import { setTimeout as sleep } from 'node:timers/promises';
import { attack, must } from '../lib/attack.mjs';
import { hitLine, open, request } from '../lib/control-socket.mjs';

await attack('hits that wait for their batch do not fill the memory', async (world) => {
  const head = request('POST', '/v1/hits', '', 'Transfer-Encoding: chunked\r\n');
  const clients = Array.from({ length: 20 }, () => open(world.socket, head));
  const fields = { trap: 'x'.repeat(60_000) };
  const seen = { most: 0 };
  const send = async ({ socket, closed }) => {
    for (let number = 0; number < 999 && seen.most < 600 && socket.writable; number += 1) {
      const line = hitLine('127.0.0.1', number, { fields });
      const isTaken = socket.write(`${line.length.toString(16)}\r\n${line}\r\n`);
      if (!isTaken) await Promise.race([new Promise((resolve) => void socket.once('drain', resolve)), closed]);
    }
  };
  const sent = Promise.all(clients.map(send));
  for (let look = 0; look < 200 && seen.most < 600; look += 1) {
    seen.most = Math.max(seen.most, world.memory().most);
    if ((await Promise.race([sent, sleep(100)])) !== undefined) break;
  }
  must(seen.most < 512, `the daemon needed ${seen.most} MiB`);
  for (const { socket } of clients) socket.destroy();
});
