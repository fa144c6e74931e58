// Another program drops the table of bans under the running daemon.
import { setTimeout as sleep } from 'node:timers/promises';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';
import { hit, refusesStart, sql } from '../lib/ledger.mjs';

await attack(
  'without the table of bans, the daemon goes on and lifts no ban, and the next start is refused in one line',
  async (world) => {
    await hit(world, ['203.0.113.1'], 1);
    sql(world, 'DROP TABLE bans');
    world.write(trapLine('203.0.113.2', { number: 2 }));
    await sleep(3000); // Some syncs.
    must(world.child.exitCode === null && world.child.signalCode === null, `the daemon ended: ${world.said}`);
    must(world.holds(['203.0.113.1']), 'the client is free');
    const { code } = await world.stop();
    must(code === 0, `the stop ended with ${code}`);
    await refusesStart(world, /another program changed its tables/);
  },
  { config: 'sync: 1s', after: false },
);
