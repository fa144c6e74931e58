// Five thousand bans end at the same millisecond, and the clock is set to exactly this instant.
import { clockAttack, HOUR } from '../lib/clock.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await clockAttack(
  'all bans whose end is exactly now are over, and all other bans stay',
  async (world, clock) => {
    const networks = Array.from({ length: 5000 }, (_, number) => `198.51.${100 + (number >> 8)}.${number & 255}`);
    const { bans } = await world.ban(networks, { duration: HOUR });
    await world.ban(['203.0.113.1'], { duration: 2 * HOUR });
    clock.set(Date.parse(bans[0].until));
    await onlyBanned(world, ['203.0.113.1'], 15_000);
    must((await world.status()).bans === 1, 'status counts other bans');
    must(world.said.split('\n').filter((line) => line.includes('its time is over')).length <= 150, 'too many lines in the log');
  },
  { config: 'sync: 1s' },
);
