// A client sends hits of fifty thousand jails that do not exist, each under another name.
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { hitLine, sendHits } from '../lib/control-socket.mjs';

await attack('hits of unknown jails ban nobody and fill neither the log nor the memory', async (world) => {
  for (const jail of ['manual', 'constructor', 'tostring', '-']) {
    const { status, body } = await sendHits(world, hitLine('203.0.113.9', 1, { jail }));
    must(status === 200 && body.bans === 0 && body.spared === 1, `${jail}: ${JSON.stringify(body)}`);
  }
  const before = world.said.split('\n').length;
  const text = Array.from({ length: 50_000 }, (_, number) => hitLine('203.0.113.9', number, { jail: `j${number}` })).join('');
  const begun = performance.now();
  const { body } = await sendHits(world, text);
  must(body?.spared === 50_000, `the hits were not spared: ${JSON.stringify(body)}`);
  const lines = world.said.split('\n').length - before;
  const most = 400 + (200 * (performance.now() - begun)) / 1000;
  must(lines < most, `${lines} lines were logged`);
  await onlyBanned(world, []);
});
