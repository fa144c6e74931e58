// Five logs are followed from their ends. The first ends with half of a hit, the second with a megabyte without a newline, the third is empty, the
// fourth ends with a newline, and the fifth is missing.
import { appendFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, slowness } from '../lib/attack.mjs';
import { counted, follow, hit, put } from '../lib/log-files.mjs';

await attack(
  'only lines whose newline is written after the start count',
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
