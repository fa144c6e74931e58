// Another program gives ten thousand bans one end. At that moment, a shell (sqlite3) holds a lock on the ledger.
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { holdLock, sql } from '../lib/ledger.mjs';

await attack(
  'ten thousand bans that end at once while the ledger is locked each end once',
  async (world) => {
    await world.ban(Array.from({ length: 10_000 }, (_, index) => `2001:db8:0:${index.toString(16)}::/64`));
    sql(world, `UPDATE bans SET until = ${Date.now() + 2500}`);
    const release = await holdLock(world);
    await eventually('the firewall is empty', () => world.firewall().size === 0);
    await release();
    await onlyBanned(world, [], 15_000);
    await eventually('the rows are gone', () => sql(world, 'SELECT count(*) FROM bans') === '0');
    must((await world.bans()).length === 0, 'a ban is listed');
  },
  { config: 'sync: 1s' },
);
