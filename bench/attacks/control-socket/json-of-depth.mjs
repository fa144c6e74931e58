// A client sends a megabyte of brackets, in every place of a request.
import { attack, onlyBanned } from '../lib/attack.mjs';
import { exchange, mustRefuse, request } from '../lib/control-socket.mjs';

await attack('JSON of any depth is refused in one line', async (world) => {
  const deep = '['.repeat(500_000);
  const closed = `${deep}${']'.repeat(500_000)}`;
  for (const body of [
    deep,
    closed,
    `{"networks":${closed.slice(100, -100)}}`,
    `{"networks":["203.0.113.5"],"x":${closed.slice(100, -100)}}`,
    '{"a":'.repeat(200_000),
  ]) {
    for (const method of ['POST', 'DELETE'])
      mustRefuse(await exchange(world.socket, request(method, '/v1/bans', body)), 400, body.slice(0, 40));
  }
  await onlyBanned(world, []);
});
