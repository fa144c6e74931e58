// The text of the trap is before, across and after the last byte of a line that is matched (8 KiB).
import { attack } from '../lib/attack.mjs';
import { hitLine, onlyHits } from '../lib/log-text.mjs';

const lineWithTextAt = (address, at) => {
  const plain = hitLine(address, { trap: '@' });
  const room = at - plain.indexOf('triggers');
  return plain.replace('<@>: R', `<${'a'.repeat(room)}@>: R`);
};

await attack('a line is matched up to a fixed length, and text after it neither ends nor delays the daemon', async (world) => {
  world.write(
    lineWithTextAt('203.0.113.1', 8192 - 18),
    lineWithTextAt('203.0.113.2', 8192 - 17),
    lineWithTextAt('203.0.113.3', 8192 - 8),
  );
  world.write(lineWithTextAt('203.0.113.4', 8192 + 1), lineWithTextAt('203.0.113.5', 60_000));
  await onlyHits(world, { '203.0.113.1': 1, '203.0.113.2': 1 });
});
