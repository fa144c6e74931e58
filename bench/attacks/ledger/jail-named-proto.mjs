// Another program writes tallies of jails with the names of JavaScript's inherited properties, such as `__proto__`.
import { attack, must } from '../lib/attack.mjs';
import { hit, sql } from '../lib/ledger.mjs';

await attack('whatever the name of a jail in a tally, only the count of this jail changes', async (world) => {
  sql(world, "INSERT INTO tallies VALUES ('__proto__', 'spare', 7), ('constructor', 'ban', 5), ('toString', 'spare', 1)");
  await world.status();
  await hit(world, ['203.0.113.1'], 14);
  const { jails, hits } = await world.status();
  must(hits === 14, `${hits} hits`);
  must(!('spared' in {}) && JSON.stringify(jails).includes('spamtrap'), 'the jails are not listed');
  must((await world.bans()).length === 1, 'the ban is not listed');
});
