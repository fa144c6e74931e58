// A client puts each character that some programs treat as a line end, followed by a complete trap line, into its HELO.
import { attack } from '../lib/attack.mjs';
import { hitLine, onlyHits } from '../lib/log-text.mjs';

await attack('only a newline ends a line', async (world) => {
  const ends = ['\r', '\v', '\f', '\u001c', '\u001d', '\u001e', '\u0085', '\u2028', '\u2029', '\0', '\r\r', '\u240a'];
  const inner = hitLine('198.51.100.7').trim();
  world.write(...ends.map((end, index) => hitLine(`203.0.113.${index + 1}`, { helo: `x${end}${inner}` })));
  await onlyHits(world, Object.fromEntries(ends.map((_, index) => [`203.0.113.${index + 1}`, 1])));
});
