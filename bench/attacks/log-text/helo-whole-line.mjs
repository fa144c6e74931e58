// A client puts a complete trap line with another client's address into its HELO.
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, onlyBanned } from '../lib/attack.mjs';

await attack('a trap line in a HELO bans only its sender', async (world) => {
  const inner = trapLine('198.51.100.7', { number: 2 }).trim();
  world.write(trapLine('203.0.113.1').replace('<c.example.org>', `<${inner}>`));
  await onlyBanned(world, ['203.0.113.1']);
});
