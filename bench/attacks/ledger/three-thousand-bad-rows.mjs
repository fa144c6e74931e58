// Another program writes three thousand bad rows, which every comparison with the firewall reads again.
import { setTimeout as sleep } from 'node:timers/promises';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { hit, sql } from '../lib/ledger.mjs';

await attack(
  'however many rows are bad, they do not fill the log',
  async (world) => {
    sql(
      world,
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
    INSERT INTO bans SELECT '203.0.113.' || i || '/032', 'spamtrap', '4' || i, '4' || i, 1, NULL, 1, 'log', 'recipient', 0 FROM n`,
    );
    await hit(world, ['203.0.113.1'], 1);
    await sleep(6000); // Six syncs.
    const lines = world.said.split('\n').filter((line) => line.includes('does not count')).length;
    must(lines > 0 && lines <= 3000, `${lines} lines name bad rows`);
    await onlyBanned(world, ['203.0.113.1']);
  },
  { config: 'sync: 1s' },
);
