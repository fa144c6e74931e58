// A client sends one request to lift eighty thousand bans that do not exist.
import { setTimeout as sleep } from 'node:timers/promises';
import { attack, must, slowness } from '../lib/attack.mjs';

await attack('a request with very many networks does not delay the requests of other clients', async (world) => {
  await world.ban(['2001:db8::/48'], { duration: null });
  const networks = Array.from(
    { length: 80_000 },
    (_, number) => `a:${(number >> 12).toString(16)}:${(number & 0xfff).toString(16)}::`,
  );
  let longest = 0;
  const state = { over: false };
  const asked = world.unban(networks).finally(() => (state.over = true));
  while (!state.over) {
    const begun = performance.now();
    await world.status();
    longest = Math.max(longest, performance.now() - begun);
    await sleep(20);
  }
  must((await asked).bans.length === 0, 'a ban was lifted');
  must(longest < 2000 * slowness(), `an answer took ${Math.round(longest)} ms meanwhile`);
});
