// A client loses its connection in the middle of a stream of hits, twice, and then sends the whole stream.
import { attack, must } from '../lib/attack.mjs';
import { hitLine, open, request, sendHits } from '../lib/control-socket.mjs';
import { setTimeout as sleep } from 'node:timers/promises';

await attack('a stream of hits that is cut off and sent again counts each hit once', async (world) => {
  const at = Date.now() - 7_200_000;
  const lines = Array.from({ length: 3500 }, (_, number) => hitLine(`203.0.113.${number % 200}`, number, { at }));
  for (const part of [0.4, 0.8]) {
    const text = lines.join('');
    const bytes = request('POST', '/v1/hits', text).slice(0, Math.floor(text.length * part));
    const client = open(world.socket, bytes);
    await sleep(300);
    client.socket.destroy();
  }
  const { status, body } = await sendHits(world, lines.join(''));
  must(status === 200 && body.hits === lines.length, `the whole stream was answered with ${status}`);
  const { hits } = await world.status();
  must(hits === lines.length, `${hits} hits are on record instead of ${lines.length}`);
});
