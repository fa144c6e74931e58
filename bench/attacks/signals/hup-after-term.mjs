// SIGHUP comes while the daemon stops, before and after its ledger is closed.
import { setTimeout as sleep } from 'node:timers/promises';
import { attack, must } from '../lib/attack.mjs';
import { endOf } from '../lib/signals.mjs';

await attack('a SIGHUP during the stop neither delays nor breaks it', async (world) => {
  for (let round = 0; round < 6; round += 1) {
    const start = performance.now();
    world.child.kill('SIGHUP');
    await sleep(round * 3);
    world.child.kill('SIGTERM');
    while (world.child.exitCode === null && world.child.signalCode === null && performance.now() - start < 5000) {
      world.child.kill('SIGHUP');
      await sleep(2);
    }
    const { code, signal } = await endOf(world.child);
    must(code === 0, `the daemon ended with ${code ?? signal}`);
    must(!/\n\s+at |TypeError|bug/.test(world.said), world.said);
    await world.start();
  }
});
