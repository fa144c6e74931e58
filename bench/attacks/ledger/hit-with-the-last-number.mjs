// Another program writes a hit and an offence with the largest row number, as a damaged page can have it.
import { setTimeout as sleep } from 'node:timers/promises';
import { attack, must } from '../lib/attack.mjs';
import { hit, sql } from '../lib/ledger.mjs';

await attack('a row with the largest number deletes no other row', async (world) => {
  await hit(world, ['203.0.113.1', '203.0.113.2'], 2);
  sql(world, 'UPDATE hits SET id = 9223372036854775807 WHERE id = 2; UPDATE offences SET id = 9223372036854775807 WHERE id = 2');
  await sleep(6000); // One slice of maintenance.
  must(sql(world, 'SELECT count(*) FROM hits') === '2', 'a hit was deleted');
  must(sql(world, 'SELECT count(*) FROM offences') === '2', 'an offence was deleted');
  await hit(world, ['203.0.113.3'], 3, 3);
});
