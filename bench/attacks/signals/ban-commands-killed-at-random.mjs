// Thirty commands `trapline ban`, each with two networks, are killed at random moments.
import { setTimeout as sleep } from 'node:timers/promises';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { client } from '../lib/clock.mjs';
import { begin } from '../lib/signals.mjs';

await attack('a killed `ban` has set both bans or none, and acknowledged bans are in force', async (world) => {
  const acknowledged = [];
  for (let number = 0; number < 30; number += 1) {
    const pair = [client(1 + number), client(101 + number)];
    const { child, ended } = begin(world, ['ban', ...pair, '--json']);
    await sleep(100 + Math.random() * 250);
    child.kill(number % 2 === 0 ? 'SIGKILL' : 'SIGINT');
    const { stdout } = await ended;
    if (stdout.endsWith(']\n')) acknowledged.push(...pair);
  }
  await sleep(300);
  const banned = (await world.bans()).map(({ network }) => network);
  for (let number = 0; number < 30; number += 1) {
    must(banned.includes(client(1 + number)) === banned.includes(client(101 + number)), `half of pair ${number} is banned`);
  }
  must(
    acknowledged.every((network) => banned.includes(network)),
    'an acknowledged ban is missing',
  );
  await onlyBanned(world, banned);
});
