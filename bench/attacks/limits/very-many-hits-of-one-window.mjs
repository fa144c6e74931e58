// A jail needs 10,000 hits for a ban. Twenty clients send 2,000 hits each, and one further client sends 10,000 hits, with a restart in between.
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';

const burst = (client, from, count) => Array.from({ length: count }, (_, index) => trapLine(client, { number: from + index }));

await attack(
  'a client is banned after exactly `maxretry` hits, also when the daemon is restarted between the hits',
  async (world) => {
    for (let client = 1; client <= 20; client += 1) world.write(...burst(`198.51.100.${client}`, client * 2000, 2000));
    world.write(...burst('203.0.113.1', 100_000, 9_998));
    await eventually('all hits are recorded', async () => (await world.status()).hits === 49_998, 40_000);
    await onlyBanned(world, []);
    await world.stop();
    await world.start();
    world.write(trapLine('203.0.113.1', { number: 200_000 }));
    await eventually('the hit is recorded', async () => (await world.status()).hits === 49_999);
    await onlyBanned(world, []);
    world.write(trapLine('203.0.113.1', { number: 200_001 }));
    await onlyBanned(world, ['203.0.113.1']);
    must(world.memory().most < 400, `${world.memory().most} MiB`);
  },
  {
    config: 'defaults: { maxretry: 10000, findtime: 1h }',
    hit: (world, client) => void world.ban([client]),
  },
);
