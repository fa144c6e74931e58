// A hit, then a hundred megabytes without a newline, and then a second hit are written to the log.
import { appendFileSync } from 'node:fs';
import { attack, must } from '../lib/attack.mjs';
import { hitLine, onlyHits } from '../lib/log-text.mjs';

await attack('an endless line needs little memory, counts once, and is reported once', async (world) => {
  const before = world.memory().now;
  world.write(hitLine('203.0.113.1').trimEnd());
  const piece = Buffer.alloc(10_485_760, hitLine('203.0.113.2').trimEnd());
  for (let number = 0; number < 10; number += 1) appendFileSync(world.log, piece);
  world.write('\n', hitLine('203.0.113.3'));
  await onlyHits(world, { '203.0.113.1': 1, '203.0.113.3': 1 });
  must(world.memory().most - before < 100, `${world.memory().most - before} MiB were needed`);
  must(world.said.match(/more than 64 KiB was cut/g)?.length === 1, 'the cut line was not reported once');
});
