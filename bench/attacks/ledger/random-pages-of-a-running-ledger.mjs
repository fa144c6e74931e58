// While the daemon runs, random bytes are written over the pages of the ledger, one after the other, with bans in between.
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned, slowness } from '../lib/attack.mjs';
import { hit, overwrite, sql } from '../lib/ledger.mjs';

await attack(
  'whichever page of the ledger is overwritten, the daemon goes on and lifts no ban',
  async (world) => {
    await hit(world, ['203.0.113.1'], 1);
    const all = ['203.0.113.1'];
    for (let round = 1; round <= 12; round += 1) {
      sql(world, 'PRAGMA wal_checkpoint(TRUNCATE)');
      const pages = Math.floor(statSync(world.state).size / 4096);
      overwrite(world.state, 4096 * (round % pages), randomBytes(4096));
      // A ban may be refused because of the damage. The next ban finds the ledger repaired.
      await eventually('a ban is taken', () => world.ban([`198.51.100.${round}`]).catch(() => undefined));
      all.push(`198.51.100.${round}`);
      // The answer to a ban does not wait for the bans that are set again after a damage.
      await eventually(`round ${round}: every client is banned`, () => world.holds(all), 5_000 * slowness());
    }
    await onlyBanned(world, all);
    must(!/\n\s+at /.test(world.said), 'the log has a stack');
  },
  { config: 'sync: 1s' },
);
