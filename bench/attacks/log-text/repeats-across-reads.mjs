// The line "last message repeated N times" is written later than its hit, in pieces, or after a rotation to a new file.
import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { attack, must } from '../lib/attack.mjs';
import { bsd, hitLine, onlyHits } from '../lib/log-text.mjs';

await attack('repeats are counted although the read or the file ends between the hit and this line', async (world) => {
  world.write(hitLine('203.0.113.1', { date: bsd() }));
  await sleep(100);
  for (const piece of [`${bsd()} mx last mess`, 'age repeated 2', ' times', '\n']) {
    appendFileSync(world.log, piece);
    await sleep(50);
  }
  await sleep(100);
  renameSync(world.log, `${world.log}.1`);
  writeFileSync(
    world.log,
    `${bsd()} mx last message repeated 4 times\n${bsd()} mx postfix/qmgr[1]: x\n${bsd()} mx last message repeated 9 times\n`,
  );
  await onlyHits(world, { '203.0.113.1': 7 });
  const keys = world.rows('SELECT COUNT(DISTINCT key) AS keys FROM hits WHERE address = ?', '203.0.113.1');
  must(keys[0].keys >= 3, 'repeats have no keys of their own');
});
