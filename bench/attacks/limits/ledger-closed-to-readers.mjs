// Another program reads the ledger and locks it for moments, again and again, while hits arrive and the daemon has few descriptors.
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, onlyBanned } from '../lib/attack.mjs';
import { hitsOf } from '../lib/limits.mjs';

const Database = createRequire(import.meta.url)('libsql');

await attack(
  'no ban and no hit is lost while another program reads and locks the ledger',
  async (world) => {
    const other = new Database(world.state, { timeout: 5000 });
    const clients = [];
    try {
      for (let round = 0; round < 6; round += 1) {
        other.exec('BEGIN IMMEDIATE');
        clients.push(`203.0.113.${round + 1}`);
        world.write(trapLine(clients.at(-1), { number: round }));
        await sleep(400);
        other.exec('ROLLBACK');
        hitsOf(world);
      }
    } finally {
      other.close();
    }
    await onlyBanned(world, clients, 10_000);
    await eventually('the hits are recorded', () => hitsOf(world) === clients.join(' '));
  },
  { before: ['prlimit', '--nofile=128:128', '--'] },
);
