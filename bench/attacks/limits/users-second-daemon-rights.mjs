// A daemon that runs as a user loses permissions one after another: for the log, the ledger, the folder of the ledger, and the configuration.
import { chmodSync } from 'node:fs';
import { dirname } from 'node:path';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { hitsOf, lend } from '../lib/limits.mjs';

await attack(
  'no hit is lost when permissions are removed and restored',
  async (world) => {
    lend(world);
    await world.start();
    const clients = [];
    const places = [
      [world.log, 0o600, 0o000],
      [world.state, 0o640, 0o440],
      [dirname(world.state), 0o750, 0o500],
      [world.config, 0o644, 0o000],
    ];
    for (const [path, right, wrong] of places) {
      chmodSync(path, wrong);
      clients.push(`203.0.113.${clients.length + 1}`);
      world.write(trapLine(clients.at(-1), { number: clients.length }));
      await onlyBanned(world, clients, 10_000);
      chmodSync(path, right);
      await eventually('the hits are recorded', () => hitsOf(world) === clients.join(' '));
    }
    must(!/ {4}at |unhandled/i.test(world.said), world.said);
  },
  { started: false },
);
