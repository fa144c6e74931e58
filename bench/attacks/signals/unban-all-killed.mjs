// `trapline unban --all` of thirty thousand bans is killed while the daemon lifts them, and a ban is made meanwhile. On a slow machine the daemon
// still lifts bans when the new ban is made, and lifts it too.
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, slowness } from '../lib/attack.mjs';
import { begin } from '../lib/signals.mjs';

await attack('ledger and firewall agree after `unban --all` was killed', async (world) => {
  await world.ban(Array.from({ length: 30_000 }, (_, number) => `198.51.${number >> 8}.${number & 255}`));
  await eventually('the bans are set', async () => (await world.status()).actions[0].owed === 0, 30_000 * slowness());
  const { child, ended } = begin(world, ['unban', '--all']);
  await sleep(450);
  child.kill('SIGKILL');
  await ended;
  world.write(trapLine('203.0.113.1'));
  await eventually('the hit is on record', async () => (await world.status()).hits === 1, 20_000 * slowness());
  await eventually('nothing is owed', async () => (await world.status()).actions[0].owed === 0, 30_000 * slowness());
  await eventually(
    'the request was carried out as a whole, or not at all',
    async () => [0, 1, 30_001].includes((await world.status()).bans),
    20_000 * slowness(),
  );
  await eventually(
    'the firewall has the new ban if the ledger has it',
    async () => (await world.status()).bans > 0 === world.holds(['203.0.113.1']),
    5_000 * slowness(),
  );
});
