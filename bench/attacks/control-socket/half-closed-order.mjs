// A client closes its sending end right after its request, as `nc -N` does.
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { banOf, open, request } from '../lib/control-socket.mjs';

await attack('a client that has closed its sending end gets its answer', async (world) => {
  for (const bytes of [request('POST', '/v1/bans', banOf('203.0.113.5')), request('GET', '/v1/bans')]) {
    const client = open(world.socket);
    client.socket.end(bytes);
    const text = await client.closed;
    must(text.startsWith('HTTP/1.1 200') && text.includes('203.0.113.5'), `the answer was lost: "${text.slice(0, 200)}"`);
  }
  await onlyBanned(world, ['203.0.113.5']);
});
