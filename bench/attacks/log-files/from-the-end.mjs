// Five logs are followed from their ends: one ends in half of a hit, one in a megabyte without a newline; one is empty, one whole, one missing.
import { appendFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, slowness } from '../lib/attack.mjs';
import { counted, follow, hit, put } from '../lib/log-files.mjs';

await attack(
  'from the end exactly the lines count whose newline comes after the start',
  async (world) => {
    const folder = follow(world, 'x');
    const names = ['half', 'huge', 'empty', 'whole', 'missing'];
    const line = hit(1);
    writeFileSync(`${folder}/half`, hit(101) + line.slice(0, 150));
    writeFileSync(`${folder}/huge`, hit(102) + 'x'.repeat(1_048_576));
    writeFileSync(`${folder}/empty`, '');
    writeFileSync(`${folder}/whole`, hit(103) + hit(104));
    world.configure(`sources: [${names.map((name) => `'${folder}/${name}'`).join(', ')}]`);
    await world.start();
    await eventually(
      'all ends are recorded',
      () => world.rows('SELECT source FROM cursors').length === names.length,
      10_000 * slowness(),
    );
    await sleep(200);
    appendFileSync(`${folder}/half`, line.slice(150));
    appendFileSync(`${folder}/huge`, '\n');
    for (const [index, name] of names.entries()) put(`${folder}/${name}`, index + 11);
    await counted(world, 1, 11, 12, 13, 14, 15);
  },
  { started: false, after: false },
);
