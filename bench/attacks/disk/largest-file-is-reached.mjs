// While the daemon runs, the write-ahead log reaches the limit of file sizes (RLIMIT_FSIZE).
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { inFirewall } from '../lib/disk.mjs';
import { hit, hitsOf, recorded } from '../lib/ledger.mjs';

await attack('when the ledger reaches the limit of file sizes, the daemon goes on and no hit is lost', async (world) => {
  await hit(world, ['203.0.113.1'], 1);
  const limit = (size) => execFileSync('prlimit', ['--pid', String(world.child.pid), `--fsize=${size}:unlimited`]);
  limit(statSync(`${world.state}-wal`).size + 100);
  world.write(trapLine('203.0.113.2', { number: 2 }));
  await inFirewall(world, ['203.0.113.2']);
  const refusal = await world.ban(['198.51.100.1']).then(
    () => '',
    ({ message }) => message,
  );
  must(
    /^503: \S+trapline\.db: [^\n]+, (check its disk and path|make room on its disk)$/.test(refusal),
    `the ban by hand: ${refusal}`,
  );
  limit('unlimited');
  await recorded(world, 2);
  must(hitsOf(world).join() === '203.0.113.1,203.0.113.2', hitsOf(world).join());
  await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
});
