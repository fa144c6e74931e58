// `trapline unban --all` is killed while the daemon lifts thirty thousand bans, and further bans are set meanwhile.
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, slowness } from '../lib/attack.mjs';
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
    async () => [1, 30_001].includes((await world.status()).bans),
    20_000 * slowness(),
  );
  must(world.holds(['203.0.113.1']), 'the new ban is missing');
});
