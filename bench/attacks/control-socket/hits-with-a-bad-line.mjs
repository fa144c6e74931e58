// A client sends streams of hits whose last line is wrong: cut off, too long, twice in one line, with an unknown key.
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { hitLine, mustRefuse, sendHits } from '../lib/control-socket.mjs';

await attack('a stream with a bad line is refused with the number of the line', async (world) => {
  const good = hitLine('203.0.113.5', 1);
  const bad = [
    good.slice(0, 50),
    `${good.trim()}${good}`,
    hitLine('203.0.113.6', 2, { x: 1 }),
    hitLine('203.0.113.6', 2, { key: 'A'.repeat(16) }),
    hitLine('203.0.113.6', 2, { jail: 'Spamtrap' }),
    hitLine('203.0.113.6', 2, { rule: 'a b' }),
    hitLine('203.0.113.0/24', 2),
    hitLine('203.0.113.6', 2, { fields: { 'a b': 'x' } }),
    hitLine('203.0.113.6', 2, { fields: [] }),
    'null\n',
    '[]\n',
    '\u001b[2J\n',
    '7',
  ];
  for (const line of bad) {
    const answer = await sendHits(world, `${good}\n\r\n \n${line}`);
    mustRefuse(answer, 400, line.slice(0, 60));
    must(answer.body.error.startsWith('line 5: ') || answer.body.error.startsWith('line 4: '), `no number: ${answer.body.error}`);
  }
  mustRefuse(
    await sendHits(world, `${good}${hitLine('203.0.113.6', 2, { fields: { a: 'x'.repeat(70_000) } })}`),
    400,
    'a long line',
  );
  must((await world.status()).hits === 0, 'hits of a refused batch are on record');
  await onlyBanned(world, []);
});
