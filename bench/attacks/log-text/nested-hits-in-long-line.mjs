// Lines of 65,535, 65,536 and 65,537 bytes contain a second hit at the place where a long line is cut.
import { attack } from '../lib/attack.mjs';
import { hitLine, onlyHits } from '../lib/log-text.mjs';

await attack('text after the limit of the line length never counts as a line', async (world) => {
  const inner = hitLine('198.51.100.7');
  for (const [index, length] of [65_535, 65_536, 65_537, 131_072].entries()) {
    const start = hitLine(`203.0.113.${index + 1}`).trimEnd();
    world.write(`${start}${'x'.repeat(length - start.length)}${inner}`, `${start.padEnd(length - 1, 'y')}\n`);
  }
  await onlyHits(world, { '203.0.113.1': 2, '203.0.113.2': 2, '203.0.113.3': 2, '203.0.113.4': 2 });
});
