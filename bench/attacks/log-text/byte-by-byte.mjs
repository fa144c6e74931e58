// A slow writer writes each line in pieces of a few bytes, cuts characters of UTF-8 in two, and sometimes waits.
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { attack, must } from '../lib/attack.mjs';
import { hitLine, onlyHits } from '../lib/log-text.mjs';

await attack('a line counts once, when its newline is written, and with its complete text', async (world) => {
  const bytes = Buffer.from(hitLine('203.0.113.1', { trap: 'fälle€😀@exämple.com' }) + hitLine('203.0.113.2'));
  for (let at = 0; at < bytes.length; at += 3) {
    appendFileSync(world.log, bytes.subarray(at, at + 3));
    await sleep(at % 5 === 0 ? 8 : 1);
  }
  await onlyHits(world, { '203.0.113.1': 1, '203.0.113.2': 1 });
  const [{ trap }] = world.rows('SELECT trap FROM hits WHERE address = ?', '203.0.113.1');
  must(trap === 'fälle€😀@exämple.com', `the trap is recorded as ${trap}`);
});
