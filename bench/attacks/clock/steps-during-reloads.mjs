// The clock is set at the moment of each of twenty reloads, with a ban by hand in between.
import { client, clockAttack, HOUR, mustLast } from '../lib/clock.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await clockAttack('each ban keeps its length when the clock is set during a reload', async (world, clock) => {
  for (let round = 0; round < 20; round += 1) {
    const reload = world.reload();
    clock.ahead -= 600_000;
    await world.ban([client(1 + round)], { duration: 10 * HOUR });
    await reload;
  }
  await onlyBanned(
    world,
    Array.from({ length: 20 }, (_, index) => client(1 + index)),
  );
  for (const last of [1, 10, 20]) await mustLast(world, clock, client(last), 10 * HOUR);
  must(!/\n\s+at /.test(world.said), world.said);
});
