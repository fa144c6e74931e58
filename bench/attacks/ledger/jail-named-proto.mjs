// Another program writes tallies and bans of jails that are named as the inner parts of JavaScript.
import { attack, must } from '../lib/attack.mjs';
import { hit, sql } from '../lib/ledger.mjs';

await attack('the name of a jail in a row changes nothing but its own count', async (world) => {
  sql(world, "INSERT INTO tallies VALUES ('__proto__', 'spare', 7), ('constructor', 'ban', 5), ('toString', 'spare', 1)");
  await world.status();
  await hit(world, ['203.0.113.1'], 14);
  const { jails, hits } = await world.status();
  must(hits === 14, `${hits} hits`);
  must(!('spared' in {}) && JSON.stringify(jails).includes('spamtrap'), 'the jails are not listed');
  must((await world.bans()).length === 1, 'the ban is not listed');
});
