// Twelve clients send equal hits at one time.
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { hitLine, sendHits } from '../lib/control-socket.mjs';

await attack('hits that many clients send at once count once', async (world) => {
  const at = Date.now();
  const text = Array.from({ length: 1200 }, (_, number) => hitLine('203.0.113.9', number, { at })).join('');
  const answers = await Promise.all(Array.from({ length: 12 }, () => sendHits(world, text)));
  must(
    answers.every(({ status }) => status === 200),
    'a stream was refused',
  );
  const known = answers.reduce((sum, { body }) => sum + body.known, 0);
  must(known === 11 * 1200, `${known} hits were known instead of ${11 * 1200}`);
  must((await world.status()).hits === 1200, `${(await world.status()).hits} hits are on record`);
  await onlyBanned(world, ['203.0.113.9']);
});
