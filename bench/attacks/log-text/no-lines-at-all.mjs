// Bytes that are not text are written to the log: random bytes, only newlines, only NULs, a gzip file, a picture, half of a UTF-16 file.
import { randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { attack, must } from '../lib/attack.mjs';
import { hitLine, onlyHits } from '../lib/log-text.mjs';

await attack('bytes that are not text need little memory, and the hits after them count', async (world) => {
  const before = world.memory().now;
  const hit = hitLine('203.0.113.1');
  const garbage = [
    randomBytes(3_000_000),
    Buffer.alloc(3_000_000, '\n'),
    Buffer.alloc(3_000_000),
    gzipSync(randomBytes(1_000_000)),
    Buffer.from(hit.repeat(999), 'utf16le'),
  ];
  for (const [index, bytes] of garbage.entries()) {
    appendFileSync(world.log, bytes);
    world.write('\n', hitLine(`203.0.113.${index + 1}`));
  }
  await onlyHits(world, Object.fromEntries(garbage.map((_, index) => [`203.0.113.${index + 1}`, 1])));
  must(world.memory().most - before < 150, `${world.memory().most - before} MiB were needed`);
});
