// A client uses the names of JavaScript's inherited properties as keys, and uses a key twice.
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { exchange, hitLine, request, sendHits } from '../lib/control-socket.mjs';

await attack('a key of the JSON body sets only the option of this name', async (world) => {
  world.configure("defaults: { ignoreip: ['203.0.113.7'] }");
  await world.reload();
  const bodies = [
    '{"networks":["203.0.113.7"],"__proto__":{"force":true}}',
    '{"networks":["203.0.113.7"],"constructor":{"prototype":{"force":true}}}',
    '{"networks":["203.0.113.7"],"force":"true"}',
    '{"networks":["203.0.113.7"],"force":1}',
    '{"networks":{"length":1,"0":"203.0.113.5"}}',
    '{"networks":"203.0.113.5"}',
    '[{"networks":["203.0.113.5"]}]',
    '{"networks":["203.0.113.5"],"all":true}',
    '{"networks":["203.0.113.5"],"duration":"1h"}',
    '{"networks":["203.0.113.5"],"duration":0}',
    '{"networks":["203.0.113.5"],"duration":1e999}',
    '{"networks":["203.0.113.5"],"reason":null}',
  ];
  for (const body of bodies) {
    const { status } = await exchange(world.socket, request('POST', '/v1/bans', body));
    must(status === 400, `${body}: ${status}`);
  }
  await sendHits(world, hitLine('203.0.113.8', 1).replace('"fields":{}', '"fields":{"constructor":"x","toString":"y"}'));
  await exchange(world.socket, request('POST', '/v1/bans', '{"networks":["203.0.113.5"],"networks":["203.0.113.6"]}'));
  await onlyBanned(world, ['203.0.113.6', '203.0.113.8']);
});
