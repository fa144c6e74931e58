// An operator empties the log again and again (": > mail.log"). After each truncation, a hit and a text of another length are written.
import { truncateSync } from 'node:fs';
import { eventually, otherLine } from '../../../test/support/faults/daemon.mjs';
import { attack, slowness } from '../lib/attack.mjs';
import { counted, put } from '../lib/log-files.mjs';

await attack('each line between two truncations is read once', async (world) => {
  const wanted = [];
  for (let number = 1; number <= 40; number += 1) {
    truncateSync(world.log);
    world.write(...Array.from({ length: (number * 7) % 5 }, (_, line) => otherLine(line)));
    put(world.log, number);
    wanted.push(number);
    await eventually(`hit ${number}`, async () => (await world.status()).hits >= number, 5_000 * slowness());
  }
  await counted(world, ...wanted);
});
