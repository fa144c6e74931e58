// The ledger reaches the limit of file sizes (RLIMIT_FSIZE) while clients mail the trap; later the limit is raised.
import { statSync } from 'node:fs';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { hitsOf, setLimit } from '../lib/limits.mjs';

await attack('at the limit of file sizes, bans go on and no hit is lost', async (world) => {
  const clients = Array.from({ length: 120 }, (_, index) => `203.0.113.${index + 1}`);
  world.write(trapLine(clients[0]));
  await onlyBanned(world, clients.slice(0, 1));
  setLimit(world, 'fsize', statSync(`${world.state}-wal`).size + 100);
  for (const [index, client] of clients.slice(1).entries()) world.write(trapLine(client, { number: index + 1 }));
  await onlyBanned(world, clients, 10_000);
  must((await world.status()).unwritten !== 0, 'the ledger could be written');
  setLimit(world, 'fsize', 'unlimited');
  await eventually(
    'all hits are recorded',
    () => hitsOf(world) === clients.toSorted((one, other) => one.localeCompare(other)).join(' '),
  );
});
