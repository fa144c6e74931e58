// Another program writes a past offence with the largest number that JavaScript can count.
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { crash, hit, sql } from '../lib/ledger.mjs';

await attack('a client with the largest number of offences is banned', async (world) => {
  const since = Date.now() - 60_000;
  const row = `'203.0.113.1/32', 'spamtrap', ${since}, ${since + 1}, 9007199254740991, 'log', 'recipient'`;
  sql(world, `INSERT INTO offences (network, jail, since, until, offence, origin, reason) VALUES (${row})`);
  await hit(world, ['203.0.113.1'], 1);
  await onlyBanned(world, ['203.0.113.1']);
  await crash(world);
  await onlyBanned(world, ['203.0.113.1']);
  must(!world.said.includes('does not count'), 'its own row counts as bad');
});
