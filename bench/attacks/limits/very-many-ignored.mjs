// The allow-list has 40,000 entries in the configuration and 100,000 networks in a file; the file is rewritten while hits arrive.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';

const inner = (index) => `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;

await attack(
  'a very long allow-list spares only its addresses, and is read again in time',
  async (world) => {
    const file = join(world.folder, 'allowed');
    const rest = Array.from({ length: 100_000 }, (_, index) => inner(index)).join('\n');
    writeFileSync(file, `${rest}\n203.0.113.1\n`);
    const listed = Array.from({ length: 40_000 }, (_, index) => `172.${16 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`);
    world.configure(`defaults:\n  ignoreip: [${[...listed, '203.0.113.2', file].join(', ')}]`);
    await world.start(40_000);
    world.write(...[1, 2, 3, 4].map((number) => trapLine(`203.0.113.${number}`, { number })));
    await onlyBanned(world, ['203.0.113.3', '203.0.113.4'], 10_000);
    writeFileSync(file, `${rest}\n203.0.113.1\n203.0.113.4\n`);
    await eventually('the added address is unbanned', async () => (await world.bans()).length === 1, 30_000);
    await onlyBanned(world, ['203.0.113.3']);
    must(world.memory().most < 500, `${world.memory().most} MiB`);
  },
  { started: false },
);
