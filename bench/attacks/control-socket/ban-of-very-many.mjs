// A client bans forty thousand networks in one request while other clients ask for the status.
import { setTimeout as sleep } from 'node:timers/promises';
import { attack, must, slowness } from '../lib/attack.mjs';

await attack('a ban of very many networks does not delay the requests of other clients', async (world) => {
  const networks = Array.from({ length: 40_000 }, (_, number) => `2001:db8:${number.toString(16)}::/48`);
  let longest = 0;
  const state = { over: false };
  const asked = world.ban(networks).finally(() => (state.over = true));
  while (!state.over) {
    const begun = performance.now();
    await world.status();
    longest = Math.max(longest, performance.now() - begun);
    await sleep(20);
  }
  must((await asked).bans.length === networks.length, 'bans are missing in the answer');
  must((await world.status()).bans === networks.length, 'bans are missing in the ledger');
  must(longest < 3000 * slowness(), `an answer took ${Math.round(longest)} ms meanwhile`);
  await world.ask('DELETE', '/v1/bans', { all: true });
});
