// The ledger is replaced by a foreign file, and `PATH.found`, the name under which Trapline would keep this file, is a folder with files.
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { crash, hit, recorded } from '../lib/ledger.mjs';

await attack('when a foreign file cannot be kept, bans go on, `status` gives the reason, and no row is lost', async (world) => {
  await hit(world, ['203.0.113.1'], 1);
  mkdirSync(`${world.state}.found`);
  writeFileSync(`${world.state}.found/note`, '');
  writeFileSync(`${world.state}.other`, 'no ledger');
  renameSync(`${world.state}.other`, world.state);
  world.write(trapLine('203.0.113.2', { number: 2 }));
  await eventually('the client is banned', () => world.holds(['203.0.113.2']));
  const { ledgerFault } = await world.status();
  must(
    /replaced by another while in use, and cannot be written anew: [^\n]+$/.test(ledgerFault ?? ''),
    `the fault: ${ledgerFault}`,
  );
  rmSync(`${world.state}.found`, { recursive: true });
  await recorded(world, 2);
  await crash(world);
  await onlyBanned(world, ['203.0.113.1', '203.0.113.2']);
});
